//! The project's own sets are what Rust programs need: no less, or a program dies under them, and no more than was
//! seen or is written down with its reason in `own-sets.csv`.
//!
//! `tests/fixtures/sets` does what the sets are for, each task under a filter that allows one set and kills for all
//! else; with the checks of debug builds, whose standard library looks at descriptors, and optimised; with the C library
//! of this machine, and with musl where rustc has its standard library (`rustup target add x86_64-unknown-linux-musl`).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;

use seccomp_compiler::{Architecture, Compiler, Instruction, SourceFile};
use seccomp_tests::kernel::record::{Recorded, recorded};
use seccomp_tests::kernel::start_under;
use seccomp_tests::scratch::{Scratch, musl_target, workspace};
use seccomp_tests::skipped;

const TMP: &str = env!("CARGO_TARGET_TMPDIR");

/// The program with its checks, and without.
static PROGRAMS: LazyLock<[PathBuf; 2]> = LazyLock::new(|| built(&[]));

/// The same with musl.
static WITH_MUSL: LazyLock<Option<[PathBuf; 2]>> =
    LazyLock::new(|| Some(built(&["--target", &musl_target()?])));

fn built(more: &[&str]) -> [PathBuf; 2] {
    let names = ["sets", "sets-optimised"];
    let arguments = ["build", "-p", names[0], "-p", names[1]];
    let built = Scratch::fixtures(TMP).cargo(&[&arguments, more].concat()).expect_success();
    names.map(|name| built.executable(name))
}

/// What a task prints, and how it ends: 0, another status, or minus a signal.
struct Task(&'static str, i32, &'static str);

/// Runs the tasks under their set, and compares what they did with what the data says.
#[track_caller]
fn is_what_is_needed(set: &str, tasks: &[Task]) {
    let seen = calls(&*PROGRAMS, set, tasks);
    // What is seen where the data was written; other machines run the same tasks.
    if cfg!(all(target_arch = "x86_64", target_env = "gnu")) {
        assert_is_made(set, "observed", &seen);
        let elsewhere = members(set, &["32-bit", "architecture", "musl"]);
        let seen_after_all: Vec<_> = elsewhere.filter(|name| seen.contains(name)).collect();
        assert!(seen_after_all.is_empty(), "{set}: {seen_after_all:?} are made here");
    }
    if let Some(programs) = &*WITH_MUSL {
        // There the standard library does not tell an overflow of the first thread's stack from other faults.
        let seen = calls(programs, set, tasks.iter().filter(|task| task.0 != "overflow"));
        if cfg!(target_arch = "x86_64") {
            assert_is_made(set, "musl", &seen);
        }
    }
}

/// The names of the calls that the tasks make.
#[track_caller]
fn calls<'a>(
    programs: &[PathBuf],
    set: &str,
    tasks: impl IntoIterator<Item = &'a Task>,
) -> BTreeSet<&'static str> {
    let mut calls = BTreeSet::new();
    for task in tasks {
        for program in programs {
            let recorded = run(program, set, task.0);
            task.check(program, &recorded);
            calls.extend(recorded.calls);
        }
    }
    calls.into_iter().filter_map(|number| host().syscall_name(number)).collect()
}

/// The members of a set that are there for one of these reasons.
fn members(set: &str, reasons: &[&str]) -> impl Iterator<Item = &'static str> {
    let rows = OWN_SETS.iter().filter(move |row| row.set == set && reasons.contains(&&*row.reason));
    rows.map(|row| &*row.member)
}

#[track_caller]
fn assert_is_made(set: &str, reason: &str, seen: &BTreeSet<&str>) {
    let unseen: Vec<_> = members(set, &[reason]).filter(|name| !seen.contains(name)).collect();
    assert!(unseen.is_empty(), "{set}: nothing makes {unseen:?}: superfluous, or not {reason}?");
}

impl Task {
    #[track_caller]
    fn check(&self, program: &Path, Recorded { output, .. }: &Recorded) {
        let Self(task, status, printed) = self;
        let shown = format!(
            "{task} of {}: {}\n{}{}",
            program.display(),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(code(output.status), *status, "{shown}");
        assert!(shown.contains(printed), "{shown}");
    }
}

fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().or_else(|| status.signal().map(|signal| -signal)).expect("it has ended")
}

/// One task in a folder of its own.
fn run(program: &Path, set: &str, task: &str) -> Recorded {
    let folder = Path::new(TMP).join("sets").join(format!("{set}-{task}"));
    let _new = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join("served"), vec![b'x'; 100_000]).expect("the folder can be written to");
    fs::write(folder.join("input"), "first\nsecond\n").expect("the folder can be written to");
    let input = fs::File::open(folder.join("input")).expect("it was just written");
    let mut command = Command::new(program);
    command.args([set, task]).arg(if set == "@rust-process" { program } else { folder.as_path() });
    command.env("RUST_BACKTRACE", "full").env("STARTED", "started").stdin(input).stdout(Stdio::piped());
    if task == "start" {
        // A start is an execve(2).
        let allowed = format!("{{action: allow, names: ['{set}', execve]}}");
        start_under(&instructions("kill_process", &allowed), &mut command);
    }
    recorded(command)
}

/// The program of a policy with one group.
fn instructions(default_action: &str, group: &str) -> Vec<Instruction> {
    let policy = format!("{{default_action: {default_action}, syscalls: [{group}]}}");
    let compiled = Compiler::for_architecture(host())
        .compile(&SourceFile::new("set.yaml", policy))
        .expect("the policy compiles");
    compiled.program().instructions.clone()
}

fn host() -> &'static Architecture {
    Architecture::host().expect("the tests run where filters do")
}

const SIGABRT: i32 = -6;

#[test]
fn rust_std_is_to_start_print_allocate_run_threads_wait_and_exit() {
    is_what_is_needed(
        "@rust-std",
        &[
            Task("start", 0, "started\n"),
            Task("print", 0, "second\nin parts\n"),
            Task("allocate", 0, ""),
            Task("threads", 0, ""),
            Task("time", 0, ""),
            Task("exit", 7, ""),
            Task("exit-twice", 7, ""),
        ],
    );
}

#[test]
fn rust_panic_is_to_fail_and_say_so() {
    is_what_is_needed(
        "@rust-panic",
        &[
            Task("caught", 0, "went on\n"),
            Task("captured", 0, "core::ops::function"),
            Task("panic", 101, "this is meant to be\nstack backtrace:\n"),
            Task("abort", SIGABRT, ""),
            Task("twice", SIGABRT, "second"),
            Task("overflow", SIGABRT, "thread 'main'"),
            Task("overflow-in-thread", SIGABRT, "thread 'deep'"),
        ],
    );
}

/// As distributions ship programs: the debug information is in another file, which the program names.
#[test]
fn a_backtrace_reads_debug_information_from_a_file_of_its_own() {
    let Some(program) = with_debug_information_apart(&PROGRAMS[0]) else { return };
    let recorded = run(&program, "@rust-panic", "captured");
    Task("captured", 0, "panicking.rs:").check(&program, &recorded);
    if cfg!(all(target_arch = "x86_64", target_env = "gnu")) {
        let readlink = host().syscall_number("readlink").expect("x86_64 has it");
        assert!(recorded.calls.contains(&readlink), "the real path of the file is looked for");
    }
}

/// A copy of the program without debug information, which is in a file beside it, or nothing without binutils.
fn with_debug_information_apart(program: &Path) -> Option<PathBuf> {
    let folder = Path::new(TMP).join("sets-apart");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let (stripped, debug) = (folder.join("sets"), folder.join("sets.debug"));
    let _old = fs::remove_file(&debug);
    let link = format!("--add-gnu-debuglink={}", debug.display());
    let steps = [
        [Path::new("--only-keep-debug"), program, &debug].to_vec(),
        [Path::new("--strip-debug"), Path::new(&link), program, &stripped].to_vec(),
    ];
    for arguments in steps {
        let status = match Command::new("objcopy").args(arguments).status() {
            Ok(status) => status,
            Err(error) => {
                skipped(format_args!("no backtrace with debug information apart: objcopy: {error}"));
                return None;
            }
        };
        assert!(status.success(), "objcopy: {status}");
    }
    Some(stripped)
}

#[test]
fn rust_net_is_clients_and_servers() {
    is_what_is_needed("@rust-net", &["tcp", "udp", "unix", "copy", "lookup"].map(|task| Task(task, 0, "")));
}

#[test]
fn rust_fs_is_files_and_folders() {
    is_what_is_needed("@rust-fs", &["files", "folders", "names", "facts"].map(|task| Task(task, 0, "")));
}

#[test]
fn rust_process_is_to_start_programs_and_to_wait_for_them() {
    is_what_is_needed(
        "@rust-process",
        &[
            Task("output", 0, ""),
            Task("pipes", 0, "passed on 0\n"),
            Task("kill", 0, ""),
            Task("settings", 0, ""),
            Task("missing", 0, ""),
            Task("replace", 0, "replaced 0\n"),
        ],
    );
}

/// A shell needs more than `Command` does; what it cannot go on without is a way to start programs.
#[test]
fn a_shell_starts_programs_under_rust_process() {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "/bin/true && echo started"]);
    start_under(
        &instructions("errno", "{action: allow, names: ['@rust-process', '@rust-fs']}"),
        &mut command,
    );
    let output = command.output().expect("it can be started");
    assert_eq!(output.stdout, b"started\n", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn tokio_is_a_runtime_with_timers_sockets_and_files() {
    is_what_is_needed("@tokio", &["timers", "sockets", "files", "blocking"].map(|task| Task(task, 0, "")));
}

/// Without one member that a task makes, the task dies: the tests above can fail.
#[test]
fn a_set_without_a_member_kills_the_program() {
    let mut command = Command::new(&PROGRAMS[0]);
    command.args(["@rust-std", "threads"]).arg(TMP);
    start_under(&instructions("allow", "{action: kill_process, names: [futex]}"), &mut command);
    assert_eq!(code(command.output().expect("it can be started").status), -31, "SIGSYS");
}

struct Row {
    set: String,
    member: String,
    reason: String,
    note: String,
}

static OWN_SETS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let rows = xtask::data::rows(&workspace().join("seccomp-compiler/data/own-sets.csv")).into_iter();
    rows.map(|mut row| {
        let mut take = |column: &str| row.remove(column).expect("the data has the column");
        Row { set: take("set"), member: take("member"), reason: take("reason"), note: take("note") }
    })
    .collect()
});

fn on(abi: &str, name: &str) -> bool {
    Architecture::find(abi).and_then(|abi| abi.syscall_number(name)).is_some()
}

#[test]
fn every_member_has_a_reason_that_the_tables_bear_out() {
    for Row { set, member, reason, note } in OWN_SETS.iter() {
        let holds = match reason.as_str() {
            "set" => member.starts_with('@') && OWN_SETS.iter().any(|row| row.set == *member),
            "observed" | "musl" => on("x86_64", member),
            "vdso" => set == "@vdso",
            "32-bit" => {
                ["x86_64", "aarch64", "riscv64"].iter().all(|abi| !on(abi, member)) && on("arm", member)
            }
            "architecture" => !note.is_empty() && !on("x86_64", member),
            "instead-of" => {
                let replaces = |abi: &&Architecture| on(abi.name(), member) && !on(abi.name(), note);
                Architecture::all().any(|abi| replaces(&abi))
            }
            "libc" | "signal" | "path" => !note.is_empty(),
            _ => false,
        };
        assert!(holds, "{set}: {member} is not there for the reason `{reason}` {note}");
    }
}

/// A file of the data that lists some calls for each of others.
fn lists(file: &str, columns: [&str; 2]) -> Vec<(String, Vec<String>)> {
    let rows = xtask::data::rows(&workspace().join("seccomp-compiler/data").join(file)).into_iter();
    let list = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    rows.map(|row| (row[columns[0]].clone(), list(&row[columns[1]]))).collect()
}

/// Whoever may make a call may also make what takes its place on another architecture, in a newer C library, or on
/// 32-bit ABIs with wider arguments.
#[test]
fn every_set_has_what_takes_the_place_of_its_members() {
    let newer =
        [lists("successors.csv", ["call", "newer"]), lists("wider-forms.csv", ["call", "wider"])].concat();
    let mut checked = 0;
    for (set, members) in
        seccomp_compiler::sets().filter(|(set, _)| OWN_SETS.iter().any(|row| row.set == *set))
    {
        let mut has = |call: &str, other: &str| {
            checked += 1;
            assert!(members.contains(&other), "{set} has `{call}` without `{other}`");
        };
        for (call, others) in newer.iter().filter(|(call, _)| members.contains(&call.as_str())) {
            others.iter().for_each(|other| has(call, other));
        }
        let replacements = lists("replacements.csv", ["name", "replacements"]).into_iter();
        for (call, others) in replacements.filter(|(call, _)| members.contains(&call.as_str())) {
            let replaces = |other: &&String| {
                Architecture::all().any(|abi| on(abi.name(), other) && !on(abi.name(), &call))
            };
            others.iter().filter(replaces).for_each(|other| has(&call, other));
        }
    }
    assert!(checked > 100, "{checked}");
}

/// By their names, so that a call that a new kernel widens is not forgotten.
#[test]
fn every_wider_form_of_a_call_is_in_the_data() {
    let known =
        [lists("successors.csv", ["call", "newer"]), lists("wider-forms.csv", ["call", "wider"])].concat();
    let calls = xtask::data::numbers(&workspace().join("seccomp-compiler/data/kernel/syscalls.csv"));
    let has_filters = |call: &&str| Architecture::all().any(|abi| on(abi.name(), call));
    let all: BTreeSet<&str> = calls.keys().map(String::as_str).filter(has_filters).collect();
    for call in &all {
        for wider in ["32", "64", "_time64"].map(|suffix| format!("{call}{suffix}")) {
            let is_known = known.iter().any(|(of, others)| of == call && others.contains(&wider));
            assert!(!all.contains(wider.as_str()) || is_known, "{wider} of {call} is in neither file");
        }
    }
}
