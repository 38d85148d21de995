//! `cargo seccomp record`: a command is recorded, and runs under the policy that came of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{Folder, Run};

fn record(folder: &Folder, options: &str, command: &[&str]) -> Run {
    with_command(folder, &format!("record {options}"), command)
}

/// Runs `cargo seccomp` with these arguments on a command.
fn with_command(folder: &Folder, arguments: &str, command: &[&str]) -> Run {
    let mut line = folder.command(&format!("{arguments} --"));
    line.args(command).output().expect("the command starts").into()
}

fn written(folder: &Folder) -> String {
    fs::read_to_string(folder.path("policy.yaml")).expect("it is written")
}

/// Whether there is such a program here.
fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

#[test]
fn commands_run_under_the_policies_that_were_recorded_of_them() {
    let commands: [&[&str]; 6] = [
        &["ls", "-la", "/"],
        &["sh", "-c", "seq 100 | grep 7 | wc -l > /dev/null; (exit 3) || true"],
        &["find", "/etc", "-maxdepth", "1", "-newer", "/etc/passwd"],
        &["sort", "--parallel=2", "/etc/passwd"],
        &["python3", "-c", "import threading; t = threading.Thread(target=print); t.start(); t.join()"],
        &["tar", "-czf", "/dev/null", "/etc/hostname"],
    ];
    for command in commands.into_iter().filter(|command| has(command[0])) {
        let folder = Folder::with(&[]);
        let recorded = record(&folder, "--output policy.yaml --verify", command);
        assert_eq!(recorded.code, Some(0), "{command:?}: {}", recorded.stderr);
        let policy = written(&folder);
        assert!(policy.contains("# Verified"), "{policy}");
        let checked = folder.run("check policy.yaml --deny warnings");
        assert_eq!(checked.code, Some(0), "{command:?}: {}{policy}", checked.stderr);
        let again = with_command(&folder, "run policy.yaml", command);
        assert_eq!(again.code, Some(0), "{command:?}: {}", again.stderr);
        assert!(again.stderr.contains("no call was refused"), "{command:?}: {}", again.stderr);
        assert_eq!(folder.files(), ["policy.yaml"]);
    }
}

#[test]
fn what_a_command_never_did_is_refused_afterwards() {
    let folder = Folder::with(&[]);
    assert_eq!(record(&folder, "-o policy.yaml", &["cat", "/dev/null"]).code, Some(0));
    let run = with_command(&folder, "run policy.yaml", &["sh", "-c", "echo hello | cat"]);
    assert_ne!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("the policy refuses `"), "{}", run.stderr);
}

#[test]
fn a_policy_grows_by_what_it_does_not_allow_yet() {
    let folder = Folder::with(&[]);
    assert_eq!(record(&folder, "-o policy.yaml", &["cat", "/dev/null"]).code, Some(0));
    let same = record(&folder, "--append policy.yaml", &["cat", "/dev/null"]);
    let says = "note: the policy allows every call that was made\nnote: `policy.yaml` stays as it is\n";
    assert_eq!(same.stderr, says);
    assert!(!same.stderr.contains("wrote"), "{}", same.stderr);
    let script = ["sh", "-c", "mkdir folder && rmdir folder"];
    let grown = record(&folder, "--append policy.yaml", &script);
    assert_eq!(grown.code, Some(0), "{}", grown.stderr);
    assert!(grown.stderr.contains("added to `policy.yaml`"), "{}", grown.stderr);
    let second = written(&folder);
    assert!(second.contains("mkdir"), "{second}");
    let run = with_command(&folder, "run policy.yaml", &script);
    assert!(run.stderr.contains("no call was refused"), "{}", run.stderr);
}

#[test]
fn a_new_policy_is_named_with_the_command_that_tries_it() {
    let folder = Folder::with(&[]);
    let run = record(&folder, "-o policy.yaml", &["cat", "/dev/null"]);
    let note = "note: wrote `policy.yaml`; try it with `cargo seccomp run policy.yaml -- COMMAND`\n";
    assert!(run.stderr.ends_with(note), "{}", run.stderr);
    let printed = record(&folder, "", &["cat", "/dev/null"]);
    assert!(!printed.stderr.contains("wrote"), "{}", printed.stderr);
}

#[test]
fn evidence_of_runs_adds_up() {
    let folder = Folder::with(&[]);
    for _ in 0..2 {
        let run = record(&folder, "--evidence seen.json", &["cat", "/dev/null"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains("default_action:"), "{}", run.stdout);
    }
    let evidence = fs::read(folder.path("seen.json")).expect("it is written");
    let evidence: serde_json::Value = serde_json::from_slice(&evidence).expect("JSON");
    assert_eq!(evidence["runs"].as_array().map(Vec::len), Some(2), "{evidence}");
    assert_eq!(folder.files(), ["seen.json"]);
}

#[test]
fn only_the_programs_that_are_meant_are_recorded() {
    let folder = Folder::with(&[]);
    let run = record(&folder, "--only cat -o policy.yaml", &["sh", "-c", "mkdir folder; cat /dev/null"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let policy = written(&folder);
    assert!(!policy.lines().any(|line| !line.starts_with('#') && line.contains("mkdir")), "{policy}");
}

/// Starts two programs of the same name, one of which only reads.
const SEVERAL: [&str; 3] =
    ["sh", "-c", "cp $(command -v cat) here; ./here /dev/null; mkdir d; cp here d/HERE; d/HERE here > it"];

#[test]
fn each_program_has_a_policy_of_its_own() {
    let folder = Folder::with(&[]);
    let run = record(&folder, "--per-program policies --from-start", &SEVERAL);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("note: wrote policies and evidence to `policies`: "), "{}", run.stderr);
    let policy =
        |name: &str| fs::read_to_string(folder.path(&format!("policies/{name}.yaml"))).expect("it is there");
    for name in ["cp", "HERE", "here-2", "mkdir"] {
        let checked = folder.run(&format!("check policies/{name}.yaml --deny warnings --all-architectures"));
        assert_eq!(checked.code, Some(0), "{name}: {}{}", checked.stderr, policy(name));
        let merged = folder.run(&format!("merge policies/{name}.json --policy"));
        assert!(merged.stdout.contains("default_action:"), "{}", merged.stderr);
    }
    let header = format!("# For `{}` alone, without what it starts.\n", folder.path("d/HERE").display());
    assert!(policy("HERE").contains(&header), "{}", policy("HERE"));
    let named = |name: &str, call: &str| {
        policy(name).lines().any(|line| !line.starts_with('#') && line.contains(call))
    };
    assert!(named("mkdir", "mkdir") && !named("here-2", "mkdir"), "{}", policy("here-2"));
    let again = with_command(&folder, "run policies/here-2.yaml --from-start", &["./here", "/dev/null"]);
    assert!(again.stderr.contains("no call was refused"), "{}", again.stderr);
}

#[test]
fn policies_of_several_programs_are_written_together_or_not_at_all() {
    let folder = Folder::with(&[("full/own.yaml", "mine"), ("file", "")]);
    let touch = ["touch", "ran"];
    let refused = |options: &str, expected: &str| {
        let run = record(&folder, options, &touch);
        assert_eq!((run.code, run.stderr.contains(expected)), (Some(2), true), "{options}: {}", run.stderr);
    };
    refused("--per-program full", "`full` has files already");
    refused("--per-program file", "cannot write `file`");
    refused("--per-program new --verify", "try them one by one, with `cargo seccomp run new/PROGRAM.yaml");
    refused("--per-program new --evidence seen.json", "cannot be used with");
    refused("--per-program new -o policy.yaml", "cannot be used with");
    refused("--force", "required");
    assert_eq!(folder.files(), ["file", "full"]);
    // The last file cannot be written, as there is a folder in its place.
    let script = ["sh", "-c", "mkdir -p new/sort.yaml; sort /dev/null; cat /dev/null"];
    let run = record(&folder, "--per-program new", &script);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("error: cannot write `new/sort.yaml`"), "{}", run.stderr);
    let evidence: serde_json::Value = serde_json::from_str(&run.stdout).expect("the evidence is JSON");
    assert_eq!(evidence["runs"].as_array().map(Vec::len), Some(1), "{evidence}");
    assert_eq!(fs::read_dir(folder.path("new")).expect("a folder").count(), 1);
    let forced = record(&folder, "--per-program full --force", &touch);
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
    assert_eq!(fs::read_to_string(folder.path("full/own.yaml")).expect("it is there"), "mine");
    assert!(folder.path("full/touch.yaml").exists() && folder.path("full/touch.json").exists());
}

#[test]
fn a_program_that_only_read_files_cannot_write_any() {
    let folder = Folder::with(&[]);
    let read = ["cat", "/dev/null"];
    assert_eq!(record(&folder, "-o policy.yaml --verify", &read).code, Some(0));
    let policy = written(&folder);
    assert!(policy.contains("value: O_WRONLY | O_RDWR | O_CREAT | O_TRUNC}"), "{policy}");
    assert!(policy.contains(" Files were opened for reading alone.\n"), "{policy}");
    let writes = with_command(&folder, "run policy.yaml", &["tee", "new"]);
    assert!(writes.stderr.contains("O_WRONLY|O_CREAT|O_TRUNC"), "{}", writes.stderr);
    assert!(folder.files() == ["policy.yaml"], "{}", writes.stderr);
    let learned = with_command(&folder, "run policy.yaml --log --fix", &["tee", "new"]);
    assert_eq!(learned.code, Some(0), "{}", learned.stderr);
    assert_eq!(with_command(&folder, "run policy.yaml", &["tee", "new"]).code, Some(0));
    let checked = folder.run("check policy.yaml --deny warnings --all-architectures");
    assert_eq!(checked.code, Some(0), "{}{}", checked.stderr, written(&folder));
}

#[test]
fn the_exit_code_is_that_of_the_command_whatever_it_is() {
    let folder = Folder::with(&[]);
    assert_eq!(record(&folder, "", &["sh", "-c", "exit 3"]).code, Some(3));
    assert_eq!(record(&folder, "", &["sh", "-c", "kill -KILL $$"]).code, Some(137));
    let timed = record(&folder, "--timeout 100ms -o policy.yaml", &["cat", "/dev/zero"]);
    assert_eq!(timed.code, Some(143), "{}", timed.stderr);
    assert!(timed.stderr.contains("the command was ended after 100ms"), "{}", timed.stderr);
    assert_eq!(folder.files(), ["policy.yaml"]);
}

#[test]
fn a_recorder_that_is_asked_to_end_writes_what_it_has() {
    let folder = Folder::with(&[]);
    // The command asks for it, by the parent that it has as any command.
    let script = "kill -TERM $PPID; exec cat /dev/zero > /dev/null";
    let run = record(&folder, "-o policy.yaml", &["sh", "-c", script]);
    assert_eq!(run.code, Some(143), "{}", run.stderr);
    assert!(run.stderr.contains("SIGTERM"), "{}", run.stderr);
    assert_eq!(folder.files(), ["policy.yaml"]);
}

#[test]
fn a_command_that_loses_its_recorder_is_not_left_stopped() {
    let folder = Folder::with(&[]);
    let script = "echo $$ > pid; kill -KILL $PPID; while :; do read line < /dev/null; done";
    let run = record(&folder, "-o policy.yaml", &["sh", "-c", script]);
    assert_eq!(run.code, None);
    let process = fs::read_to_string(folder.path("pid")).expect("it was written");
    let state = || fs::read_to_string(format!("/proc/{}/stat", process.trim())).unwrap_or_default();
    let is_gone = |state: &str| state.is_empty() || state.contains(") Z") || state.contains(") X");
    // It is killed, which takes a moment.
    while !is_gone(&state()) {
        assert!(!state().contains(") t"), "it is stopped");
        std::thread::yield_now();
    }
    assert_eq!(folder.files(), ["pid"]);
}

#[test]
fn nothing_runs_where_the_policy_could_not_be_written() {
    let folder = Folder::with(&[("policy.yaml", "")]);
    let touch = ["touch", "ran"];
    let exists = record(&folder, "-o policy.yaml", &touch);
    assert_eq!((exists.code, exists.stderr.contains("exists already")), (Some(2), true));
    let nowhere = record(&folder, "-o /dev/null/policy.yaml", &touch);
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.stderr);
    let missing = record(&folder, "--append no.yaml", &touch);
    assert_eq!((missing.code, &*missing.stderr), (Some(2), "error: cannot read `no.yaml`: no such file\n"));
    fs::write(folder.path("odd.json"), "{}").expect("a file");
    let odd = record(&folder, "--evidence odd.json", &touch);
    assert_eq!(odd.code, Some(2), "{}", odd.stderr);
    // Nobody can write in /proc.
    for arguments in ["record --append /proc/version", "run /proc/version --fix"] {
        let run = with_command(&folder, arguments, &touch);
        let says = run.stderr.contains("cannot write `/proc/version`");
        assert_eq!((run.code, says), (Some(2), true), "{}", run.stderr);
    }
    assert_eq!(folder.files(), ["odd.json", "policy.yaml"]);
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing_half_written() {
    let folder = Folder::with(&[]);
    let full = record(&folder, "-o /dev/full --force", &["true"]);
    assert_eq!(full.code, Some(2), "{}", full.stderr);
    assert!(full.stderr.contains("cannot write `/dev/full`: no space left on device"), "{}", full.stderr);
}

#[test]
fn a_policy_says_by_which_command_it_was_verified() {
    let folder = Folder::with(&[]);
    assert_eq!(record(&folder, "-o policy.yaml --verify", &["cat", "/dev/null"]).code, Some(0));
    let header = || written(&folder);
    assert!(header().contains("\n# Verified with `cat /dev/null`: nothing was refused.\n"), "{}", header());
    assert_eq!(record(&folder, "--append policy.yaml", &["mkdir", "one"]).code, Some(0));
    assert!(header().contains("\n# Not verified yet") && !header().contains("# Verified"), "{}", header());
    assert!(header().contains(" by mkdir. Added for mkdir one.\n"), "{}", header());
    assert_eq!(record(&folder, "--append policy.yaml --verify", &["cat", "/dev/null"]).code, Some(0));
    assert!(header().contains("\n# Verified with `cat /dev/null`: nothing was refused.\n"), "{}", header());
    assert!(!header().contains("Not verified yet"), "{}", header());
}

#[test]
fn a_command_that_ends_differently_under_its_policy_does_not_verify_it() {
    let folder = Folder::with(&[]);
    let run = record(&folder, "-o policy.yaml --verify", &["sh", "-c", "test -e seen && exit 3; : > seen"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("not verified: the command ended with 3 under the policy, and with 0"));
    let policy = written(&folder);
    assert!(policy.contains("# Not verified yet") && !policy.contains("# Verified"), "{policy}");
}

#[test]
fn only_the_programs_that_are_meant_are_verified() {
    let folder = Folder::with(&[]);
    let script = ["sh", "-c", "mkdir folder; cat /dev/null; rmdir folder"];
    let run = record(&folder, "--only cat --verify -o policy.yaml", &script);
    assert_eq!((run.code, run.stderr.contains("would refuse")), (Some(0), false), "{}", run.stderr);
    let policy = written(&folder);
    assert!(policy.contains("`, calls of cat alone: nothing was refused.\n"), "{policy}");
}

/// Installs a filter that allows everything, after a call that does not count.
const OWN_FILTER: &str = "\
import ctypes, os, struct
os.getppid()
code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))
class Program(ctypes.Structure):
    _fields_ = [('length', ctypes.c_ushort), ('code', ctypes.c_void_p)]
program = Program(1, ctypes.addressof(code))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
if not os.path.exists('seen'):
    assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
os.getuid()
os._exit(0)
";

#[test]
fn a_program_with_a_filter_of_its_own_is_verified_from_there() {
    let folder = Folder::with(&[("own.py", OWN_FILTER)]);
    if !has("python3") {
        return;
    }
    let run = record(&folder, "--verify -o policy.yaml", &["python3", "own.py"]);
    assert_eq!((run.code, run.stderr.contains("would refuse")), (Some(0), false), "{}", run.stderr);
    let policy = written(&folder);
    let expected =
        "# Verified with `python3 own.py`, from where it installs its own filter: nothing was refused.\n";
    assert!(policy.contains(expected), "{policy}");
    let log = with_command(&folder, "run policy.yaml --log", &["python3", "own.py"]);
    assert!(log.stderr.contains("would refuse `getppid()`"), "{}", log.stderr);
    let note = "own filter here: what it called before does not count\nnote: no call was refused\n";
    assert!(log.stderr.ends_with(note), "{}", log.stderr);
    let forgetful = OWN_FILTER.replace("os._exit", "open('seen', 'w').close(); os._exit");
    fs::write(folder.path("own.py"), forgetful).expect("a file");
    let run = record(&folder, "--verify -o policy.yaml --force", &["python3", "own.py"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("the command did not install its own filter"), "{}", run.stderr);
}

#[test]
fn a_policy_that_cannot_grow_stays_as_it_is() {
    let policy = "default_action: allow\nallow_warnings: [hole-in-blocklist: one call is enough here]\nsyscalls:\n\
                  - action: errno\n  names: [execve]\n";
    let folder = Folder::with(&[("policy.yaml", policy)]);
    let run = record(&folder, "--append policy.yaml", &["sh", "-c", "cat /dev/null; true"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("error: `execve` cannot be allowed"), "{}", run.stderr);
    assert_eq!(written(&folder), policy);
}

#[test]
fn what_a_policy_allows_already_is_not_seen_and_so_no_evidence() {
    let folder = Folder::with(&[("policy.yaml", "default_action: allow\n")]);
    let run = record(&folder, "--append policy.yaml --evidence seen.json", &["touch", "ran"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
    assert_eq!(folder.files(), ["policy.yaml"]);
}

#[test]
fn a_policy_and_its_evidence_are_two_files() {
    let folder = Folder::with(&[("there.json", "")]);
    std::os::unix::fs::symlink("there.json", folder.path("link")).expect("a link");
    for options in [
        "-o both --evidence both",
        "-o both --evidence ./both",
        "--force -o link --evidence there.json",
        "--evidence -",
    ] {
        let run = record(&folder, options, &["touch", "ran"]);
        let says = run.stderr.contains("cannot be both the policy and its evidence");
        assert_eq!((run.code, says), (Some(2), true), "{options}: {}", run.stderr);
    }
    assert_eq!(folder.files(), ["link", "there.json"]);
}

#[test]
fn a_program_that_is_never_started_is_an_error() {
    let folder = Folder::with(&[]);
    let run = record(&folder, "--only nosuch -o policy.yaml --evidence seen.json", &["cat", "/dev/null"]);
    let says = run.stderr.contains("the command started no program that `--only` names");
    assert_eq!((run.code, says), (Some(2), true), "{}", run.stderr);
    assert!(folder.files().is_empty());
    // A program that the policy allows everything has nothing to add, which is no error.
    assert_eq!(record(&folder, "-o policy.yaml", &["cat", "/dev/null"]).code, Some(0));
    let same = record(&folder, "--only cat --append policy.yaml", &["cat", "/dev/null"]);
    assert_eq!(same.code, Some(0), "{}", same.stderr);
}

#[test]
fn what_can_be_written_is_written_whatever_else_fails() {
    let folder = Folder::with(&[]);
    let both = "-o policy.yaml --evidence seen.json";
    let run = record(&folder, both, &["mkdir", "policy.yaml"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("the policy goes to standard output"), "{}", run.stderr);
    assert!(run.stderr.contains("error: `policy.yaml` exists already"), "{}", run.stderr);
    assert!(run.stdout.contains("default_action:"), "{}", run.stdout);
    assert!(fs::metadata(folder.path("seen.json")).is_ok_and(|file| file.is_file()));

    let folder = Folder::with(&[]);
    let run = record(&folder, both, &["mkdir", "seen.json"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("error: cannot write `seen.json`"), "{}", run.stderr);
    assert!(fs::metadata(folder.path("policy.yaml")).is_ok_and(|file| file.is_file()));
}

#[test]
fn evidence_outlives_a_recorder_that_is_killed() {
    let folder = Folder::with(&[]);
    // All that is new comes at the beginning.
    let script =
        "mkdir folder; while ! test -e seen.json.partial; do :; done; kill -KILL $PPID; exec cat /dev/zero";
    let run = record(&folder, "--timeout 60s --evidence seen.json", &["sh", "-c", script]);
    assert_eq!(run.code, None, "{}", run.stderr);
    let merged = folder.run("merge seen.json.partial");
    assert_eq!(merged.code, Some(0), "{}", merged.stderr);
    assert!(merged.stdout.contains("mkdir"), "{}", merged.stdout);
}

#[test]
fn recorders_at_the_same_time_lose_no_run() {
    const RECORDERS: usize = 4;
    let folder = Folder::with(&[]);
    std::thread::scope(|scope| {
        for _ in 0..RECORDERS {
            scope.spawn(|| {
                let run = record(&folder, "--evidence new/seen.json", &["true"]);
                assert_eq!(run.code, Some(0), "{}", run.stderr);
            });
        }
    });
    assert_eq!(runs(&folder, "new/seen.json"), RECORDERS);
    // The same in an order that is certain: what is there at the end counts.
    let later = record(&folder, "--evidence seen.json", &["cp", "new/seen.json", "."]);
    assert_eq!(later.code, Some(0), "{}", later.stderr);
    assert_eq!(runs(&folder, "seen.json"), RECORDERS + 1);
}

/// How many runs are in a file of evidence.
fn runs(folder: &Folder, name: &str) -> usize {
    let evidence = fs::read(folder.path(name)).expect("it is written");
    let evidence: serde_json::Value = serde_json::from_slice(&evidence).expect("JSON");
    evidence["runs"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_running_process_is_recorded_and_runs_on() {
    let mut target = Command::new("sh").args(["-c", "while :; do cd /; done"]).spawn().expect("it starts");
    let folder = Folder::with(&[]);
    let options = "--timeout 300ms --output policy.yaml --evidence seen.json";
    let recorded = folder.run(&format!("record --pid {} {options}", target.id()));
    assert_eq!(recorded.code, Some(0), "{}", recorded.stderr);
    assert!(recorded.stderr.contains("was left running"), "{}", recorded.stderr);
    assert!(target.try_wait().expect("it can be asked").is_none());
    target.kill().expect("it is there");
    target.wait().expect("it ended");
    let policy = written(&folder);
    assert!(policy.contains("chdir"), "{policy}");
    assert!(policy.contains("Incomplete: the program ran already"), "{policy}");
    assert!(policy.contains("cd /; done"), "{policy}");
    let merged = folder.run("merge seen.json");
    assert!(merged.stdout.contains("\"attached\": true"), "{}", merged.stdout);
}

#[test]
fn what_makes_no_sense_of_a_running_process_is_refused() {
    let folder = Folder::with(&[]);
    let own = std::process::id();
    for with in ["--verify", "--from-start", "--append policy.yaml", "-- ls"] {
        let refused = folder.run(&format!("record --pid {own} {with}"));
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains("cannot be used with"), "{}", refused.stderr);
    }
    let gone = folder.run("record --pid 1073741824 --output policy.yaml");
    assert_eq!(gone.code, Some(2));
    assert!(
        gone.stderr.contains("cannot attach to process 1073741824: there is no such process"),
        "{}",
        gone.stderr
    );
    assert_eq!(folder.files(), [""; 0]);
}

/// Compiles a program whose crate `acme` makes a call, unless the target is not installed.
fn program_of_acme(folder: &Folder, target: &[&str]) -> bool {
    let rustc = |arguments: &[&str]| {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc
            .current_dir(folder.path(""))
            .args(["--edition", "2024", "-g", "-O"])
            .args(target)
            .args(arguments);
        rustc.output().expect("it starts")
    };
    let folder_of_std = rustc(&["--print", "target-libdir"]).stdout;
    if !Path::new(String::from_utf8_lossy(&folder_of_std).trim()).exists() {
        return false;
    }
    assert!(rustc(&["--crate-type", "rlib", "acme.rs"]).status.success());
    assert!(rustc(&["--extern", "acme=libacme.rlib", "main.rs"]).status.success());
    true
}

#[test]
fn the_code_that_made_a_call_is_known_by_name() {
    let acme = "\
#[inline(never)]
pub fn ask() -> u32 {
    std::hint::black_box(std::os::unix::process::parent_id())
}
";
    let main = "fn main() { std::process::exit(i32::from(acme::ask() == 0)) }";
    let musl = format!("--target={}-unknown-linux-musl", std::env::consts::ARCH);
    for target in [&[][..], &[&*musl]] {
        let folder = Folder::with(&[("acme.rs", acme), ("main.rs", main)]);
        if !program_of_acme(&folder, target) {
            continue;
        }
        let recorded = record(&folder, "--output policy.yaml --evidence seen.json", &["./main"]);
        assert_eq!(recorded.code, Some(0), "{}", recorded.stderr);
        let because = folder.run("merge seen.json --because getppid").stdout;
        assert!(because.contains("getppid() once, first by acme\n"), "{because}");
        let frame = because.lines().find(|line| line.contains("acme::ask")).expect("it made the call");
        assert!(frame.contains("acme.rs:3") && frame.ends_with("(crate acme)"), "{because}");
        let outer = because.lines().position(|line| line.contains("main::main"));
        assert!(outer > because.lines().position(|line| line.contains("acme::ask")), "{because}");
    }
}
