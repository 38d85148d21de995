//! Which lines of a policy the tests of a package use.

use std::fs;

use crate::harness::{Folder, Run};

const MANIFEST: &str = "[package]\nname = \"small\"\nedition = \"2021\"\n[workspace]\n";

const SOURCE: &str = "\
#[test]
fn a_socket_is_made() {
    assert!(std::net::UdpSocket::bind(\"127.0.0.1:0\").is_ok());
}
";

const POLICY: &str = "\
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls:
- action: allow
  names: [\"@rust-panic\"]
- action: allow
  names: [bind, reboot]
";

/// A package with a test, and the command run in it.
fn run(arguments: &str) -> (Folder, Run) {
    let folder =
        Folder::with(&[("Cargo.toml", MANIFEST), ("src/lib.rs", SOURCE), ("policies/small.yaml", POLICY)]);
    let run = in_package(&folder, arguments);
    (folder, run)
}

fn in_package(folder: &Folder, arguments: &str) -> Run {
    let mut command = folder.command(arguments);
    command.env("CARGO_NET_OFFLINE", "true").env_remove("CARGO_TARGET_DIR");
    command.output().expect("the command starts").into()
}

#[test]
fn the_lines_that_the_tests_use_are_counted() {
    let (_folder, run) = run("test --deny unused --trim");
    let Run { code, stdout, stderr, .. } = run;
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stderr.contains("note: testing the policy in `policies`"), "{stderr}");
    assert!(
        stderr.contains("error: 1 entry of `policies/small.yaml` allows what no test called"),
        "{stderr}"
    );
    assert!(stdout.contains("-          1    1 |   names: [bind, reboot]\n"), "{stdout}{stderr}");
    assert!(stdout.contains("line 7, `reboot`: never used"), "{stdout}");
    assert!(stdout.contains("socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, …) on"), "{stdout}");
    assert!(stdout.contains("→ errno(1), by small::a_socket_is_made\n"), "{stdout}");
    assert!(stdout.contains("-  names: [bind, reboot]\n+  names: [bind]\n"), "{stdout}");
}

/// A program of the package that makes a call before it has a filter that allows everything, another one after, and the
/// test that starts it and makes a third.
#[test]
fn under_a_filter_of_a_program_only_its_calls_count() {
    let libc = "unsafe extern \"C\" { fn prctl(option: i32, ...) -> i32; fn getsid(of: i32) -> i32; fn getpgid(of: i32) -> i32; }";
    let program = format!(
        "{libc}\nfn main() {{\n    let allow: [u64; 1] = [u64::from_ne_bytes(if cfg!(target_endian = \"little\") \
         {{ [6, 0, 0, 0, 0, 0, 0xff, 0x7f] }} else {{ [0, 6, 0, 0, 0x7f, 0xff, 0, 0] }})];\n    \
         #[repr(C)] struct Filter(u16, *const u64);\n    let filter = Filter(1, allow.as_ptr());\n    unsafe {{ getsid(0); \
         assert_eq!(prctl(38, 1_usize, 0_usize, 0_usize, 0_usize), 0); assert_eq!(prctl(22, 2_usize, &filter), 0); getpgid(0); }}\n}}\n"
    );
    let test = "#[test]\nfn it_runs() {\n    let program = env!(\"CARGO_BIN_EXE_small\");\n    \
                assert!(std::process::Command::new(program).status().unwrap().success());\n}\n";
    let policy = "default_action: allow\nsyscalls:\n- action: errno\n  names: [getsid, wait4]\n- action: errno\n  names: [getpgid]\n";
    let folder = Folder::with(&[
        ("Cargo.toml", MANIFEST),
        ("small.yaml", policy),
        ("src/main.rs", &program),
        ("tests/starts.rs", test),
    ]);
    let run = in_package(&folder, "test --policy small.yaml");
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("getpgid("), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("getsid(") && !run.stdout.contains("wait4("), "{}", run.stdout);
}

#[test]
fn a_tracefile_is_written_beside_the_output_of_the_tests() {
    let (folder, run) = run("test --format lcov --output seccomp.lcov -- --quiet");
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("test result: ok"), "{}", run.stdout);
    let lcov = fs::read_to_string(folder.path("seccomp.lcov")).expect("it was written");
    assert!(lcov.starts_with("TN:\nSF:policies/small.yaml\n") && lcov.contains("\nDA:7,1\n"), "{lcov}");
}

#[test]
fn tests_that_are_not_built_fail_the_command() {
    let (folder, run) = run("test -- --no-such-option");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("error: the tests could not be built"), "{}", run.stderr);
    assert!(!folder.files().contains(&"seccomp.lcov".to_owned()));
}

/// Two tests with helpers of the same name, and one that starts a program of the package. All have begun before any ends. One
/// helper at a time starts another thread, as nobody can tell which of two of the same name did.
const HELPED: &str = "\
use std::sync::{Barrier, Mutex};
static BEGUN: Barrier = Barrier::new(3);
static HELPER: Mutex<()> = Mutex::new(());
fn helped(call: fn()) {
    BEGUN.wait();
    let worker = std::thread::Builder::new().name(\"worker\".into());
    let help = move || {
        let _alone = HELPER.lock().unwrap();
        std::thread::spawn(call).join().unwrap();
    };
    worker.spawn(help).unwrap().join().unwrap();
    BEGUN.wait();
}
unsafe extern \"C\" { fn getsid(of: i32) -> i32; fn getpgid(of: i32) -> i32; }
#[test]
fn first_of_two_with_a_long_name() {
    helped(|| { unsafe { getsid(0) }; });
}
#[test]
fn other_of_two_with_a_long_name() {
    helped(|| { unsafe { getpgid(0) }; });
}
#[test]
fn starts_it() {
    BEGUN.wait();
    assert!(std::process::Command::new(env!(\"CARGO_BIN_EXE_small\")).status().unwrap().success());
    BEGUN.wait();
}
";

#[test]
fn calls_count_for_the_tests_that_make_them() {
    let policy =
        "default_action: allow\nsyscalls:\n- action: errno\n  names:\n  - getsid\n  - getpgid\n  - getppid\n";
    let program = "unsafe extern \"C\" { fn getppid() -> i32; }\nfn main() { unsafe { getppid(); } }\n";
    let folder = Folder::with(&[
        ("Cargo.toml", MANIFEST),
        ("small.yaml", policy),
        ("src/main.rs", program),
        ("tests/helped.rs", HELPED),
    ]);
    let run = in_package(&folder, "test --policy small.yaml --verbose -- --test helped -- --test-threads=3");
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    for (line, call, test) in [
        (5, "getsid", "first_of_two_with_a_long_name"),
        (6, "getpgid", "other_of_two_with_a_long_name"),
        (7, "getppid", "starts_it"),
    ] {
        let listed = format!("small.yaml, line {line}, `{call}`:\n           1 by helped::{test}\n");
        assert!(run.stdout.contains(&listed), "{listed}{}{}", run.stdout, run.stderr);
    }
}
