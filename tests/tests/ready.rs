//! The policies that the project ships or shows keep their promises on this kernel: a real program works under each, and is
//! refused what the policy says, whoever runs it. That every route to what they refuse is closed, `kernel effects` shows.

use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use seccomp_compiler::{Architecture, Call, Compiler, Instruction, SourceFile};
use seccomp_tests::kernel::{become_ordinary_user, passes};
use seccomp_tests::oracle::{Fate, ask};
use seccomp_tests::scratch::{Scratch, musl_target, workspace};

/// The program with the C library of this machine, and with musl where that can be built.
static PROGRAMS: LazyLock<Vec<File>> = LazyLock::new(|| {
    let scratch = Scratch::fixtures(env!("CARGO_TARGET_TMPDIR"));
    let built = |more: &[&str]| {
        let built = scratch.cargo(&[&["build", "-p", "ready"], more].concat()).expect_success();
        File::open(built.executable("ready")).expect("the program was built")
    };
    let with_musl = musl_target().map(|target| built(&["--target", &target]));
    [built(&[])].into_iter().chain(with_musl).collect()
});

const NOBODY: u32 = 65534;

/// A new folder for everybody.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("seccomp-ready-{}-{name}", std::process::id()));
    let _old = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).expect("the folder can be made");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("the folder is ours");
    folder
}

/// What the task prints under the policy, as whoever runs the tests, and as an ordinary user.
#[track_caller]
fn prints(policy: &str, task: &str, expected: &str) {
    let is_root = fs::metadata("/proc/self").expect("/proc is mounted").uid() == 0;
    let users = || is_root.then_some(Some(NOBODY)).into_iter().chain([None]);
    for (program, user) in PROGRAMS.iter().flat_map(|program| users().map(move |user| (program, user))) {
        let folder = folder(&format!("{policy}-{task}-{}", user.unwrap_or_default()));
        let input = folder.join("input");
        fs::write(&input, "input\n").expect("the folder can be written to");
        fs::set_permissions(&input, fs::Permissions::from_mode(0o666)).expect("the file is ours");
        let mut command = command(program, policy, task, &folder);
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        command.stdin(File::open(&input).expect("it was just written"));
        let output = command.output().expect("the program can be started");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains(expected), "{policy}, {task}, {user:?}: {}\n{text}", output.status);
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}

/// The task is killed under the policy.
#[track_caller]
fn is_killed(policy: &str, task: &str) {
    use std::os::unix::process::ExitStatusExt as _;
    const SIGSYS: i32 = 31;
    for program in PROGRAMS.iter() {
        let folder = folder(&format!("{policy}-{task}-killed"));
        fs::write(folder.join("input"), "input\n").expect("the folder can be written to");
        let output = command(program, policy, task, &folder).output().expect("the program can be started");
        assert_eq!(output.status.signal(), Some(SIGSYS), "{output:?}");
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}

fn command(program: &File, policy: &str, task: &str, folder: &Path) -> Command {
    // An ordinary user may have no way to the folder where the program was built, but to the open file.
    let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
    command.args([policy, task]).arg(folder).env("RUST_BACKTRACE", "full").stdin(Stdio::null());
    command
}

/// What the kernel answers to calls under a policy; nothing for those that this machine lacks.
fn answers(policy: &str, calls: &[(&str, [u64; 6])]) -> Vec<Fate> {
    let (program, calls) = asked(policy, calls);
    ask(&program, &calls)
}

fn asked(policy: &str, calls: &[(&str, [u64; 6])]) -> (Vec<Instruction>, Vec<Call>) {
    let file = workspace().join("policies").join(format!("{policy}.yaml"));
    let file = SourceFile::new(policy, fs::read(file).expect("the policy is there"));
    let host = Architecture::host().expect("the tests run where filters do");
    let compiled = Compiler::for_architecture(host).compile(&file).expect("the policy compiles");
    let call = |&(name, arguments): &(&str, [u64; 6])| {
        let number = host.syscall_number(name)?;
        Some(Call { arch: host.audit(), number, arguments, ..Call::default() })
    };
    (compiled.program().instructions.clone(), calls.iter().filter_map(call).collect())
}

/// Calls of these names come to this end, for root and for others.
#[track_caller]
fn answered(policy: &str, fate: Fate, names: &[&str]) {
    let calls: Vec<_> = names.iter().map(|name| (*name, [0; 6])).collect();
    // Before the fork: a child of a process with several threads has none to wait for what they hold.
    let (program, calls) = asked(policy, &calls);
    for be in [become_ordinary_user as fn(), || ()] {
        passes(|| {
            be();
            let all = ask(&program, &calls);
            assert!(all.iter().all(|of| *of == fate), "{policy}: {names:?} come to {all:?}");
        });
    }
}

fn failed(errno: i32) -> Fate {
    Fate::Errno(errno.try_into().expect("an error is a small number"))
}

const EPERM: &str = "Operation not permitted";

#[test]
fn minimal_computes_and_survives_a_panic() {
    prints("minimal", "compute", "INPUT\n");
    prints("minimal", "panic", "told\nstack backtrace:");
    prints("minimal", "read", "Permission denied");
    prints("minimal", "write", "Permission denied");
}

#[test]
fn minimal_kills_for_programs_sockets_and_other_processes() {
    for task in ["exec", "inet", "unix", "remove"] {
        is_killed("minimal", task);
    }
    let names = ["ptrace", "execve", "kill", "process_vm_readv", "io_uring_setup", "clone"];
    answered("minimal", Fate::Killed, &names);
    assert_eq!(answers("minimal", &[("clone3", [0; 6])]), [failed(libc::ENOSYS)]);
}

#[test]
fn cli_tool_works_with_files_and_refuses_the_rest() {
    prints("cli-tool", "files", "done");
    prints("cli-tool", "compute", "INPUT\n");
    prints("cli-tool", "panic", "told\nstack backtrace:");
    for task in ["exec", "inet", "unix"] {
        prints("cli-tool", task, EPERM);
    }
    answered("cli-tool", failed(libc::EPERM), &["ptrace", "execve", "socket", "kill", "mount", "clone"]);
    answered("cli-tool", failed(libc::ENOSYS), &["io_uring_setup", "clone3"]);
    let tiocsti = ("ioctl", [0, libc::TIOCSTI, 0, 0, 0, 0]);
    assert_eq!(answers("cli-tool", &[tiocsti]), [failed(libc::EPERM)]);
}

#[test]
fn network_server_serves_and_reads_but_writes_no_file() {
    prints("network-server", "serve", "done");
    prints("network-server", "inet", "done");
    prints("network-server", "unix", "done");
    prints("network-server", "read", "done");
    prints("network-server", "panic", "told\nstack backtrace:");
    prints("network-server", "write", "Permission denied");
    prints("network-server", "remove", EPERM);
    prints("network-server", "exec", EPERM);
    answered("network-server", failed(libc::EPERM), &["ptrace", "execve", "kill", "unlinkat", "clone"]);
    answered("network-server", failed(libc::ENOSYS), &["io_uring_setup", "clone3", "openat2"]);
    prints("network-server", "addresses", "done");
    // SCTP and ICMP.
    for (kind, protocol) in [(1, 132), (2, 1)] {
        let socket = ("socket", [2, kind, protocol, 0, 0, 0]);
        assert_eq!(answers("network-server", &[socket]), [failed(libc::EPROTONOSUPPORT)], "{protocol}");
    }
    // Packet, raw, vsock, and netlink for another end than addresses (audit).
    for (domain, kind, protocol) in [(17, 3, 0), (2, 3, 0), (40, 1, 0), (16, 3, 9)] {
        let socket = ("socket", [domain, kind, protocol, 0, 0, 0]);
        assert_eq!(answers("network-server", &[socket]), [failed(libc::EAFNOSUPPORT)], "{domain}");
    }
}

#[test]
fn no_exec_refuses_programs_and_nothing_else() {
    prints("no-exec", "exec", EPERM);
    for task in ["files", "serve", "unix", "write"] {
        prints("no-exec", task, "done");
    }
    answered("no-exec", failed(libc::EPERM), &["execve", "execveat"]);
}

#[test]
fn no_network_refuses_all_but_unix_sockets() {
    prints("no-network", "inet", "Address family not supported");
    for task in ["files", "unix", "exec"] {
        prints("no-network", task, "done");
    }
    assert_eq!(answers("no-network", &[("io_uring_setup", [0; 6])]), [failed(libc::ENOSYS)]);
}

#[test]
fn container_default_runs_programs_and_refuses_what_needs_capabilities() {
    for task in ["files", "serve", "exec", "unix"] {
        prints("container-default", task, "done");
    }
    answered(
        "container-default",
        failed(libc::EPERM),
        &["mount", "bpf", "unshare", "setns", "init_module", "io_uring_setup", "reboot"],
    );
    assert_eq!(answers("container-default", &[("ptrace", [0; 6])]), [Fate::Passed], "Docker allows it");
}

#[test]
fn the_policies_of_the_examples_allow_what_the_examples_do() {
    prints("quickstart", "inet", "done");
    prints("quickstart", "exec", EPERM);
    prints("report", "unbound", "done");
    for task in ["inet", "exec"] {
        is_killed("report", task);
    }
}

#[test]
fn the_policy_of_the_readme_is_one_for_a_server() {
    prints("readme", "plain", "done");
    prints("readme", "panic", "told\nstack backtrace:");
    for task in ["exec", "write", "remove", "fork"] {
        prints("readme", task, EPERM);
    }
}

#[test]
fn a_server_can_be_given_helpers_and_files_and_a_tool_helpers_and_a_socket() {
    for task in ["serve", "inet", "exec", "read"] {
        prints("helpers", task, "done");
    }
    prints("helpers", "write", "Permission denied");
    prints("helpers", "fork", EPERM);
    for task in ["files", "exec"] {
        prints("piping", task, "done");
    }
    for task in ["inet", "fork"] {
        prints("piping", task, EPERM);
    }
    for task in ["serve", "files", "write"] {
        prints("storing", task, "done");
    }
    for task in ["exec", "fork"] {
        prints("storing", task, EPERM);
    }
    for task in ["files", "ask"] {
        prints("asking", task, "done");
    }
    for task in ["inet", "exec", "fork"] {
        prints("asking", task, EPERM);
    }
}
