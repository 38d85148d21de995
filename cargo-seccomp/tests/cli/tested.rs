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
    let folder = Folder::with(&[("Cargo.toml", MANIFEST)]);
    for (name, text) in [("src/lib.rs", SOURCE), ("policies/small.yaml", POLICY)] {
        let path = folder.path(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        fs::write(path, text).expect("a file in it");
    }
    let mut command = folder.command(arguments);
    command.env("CARGO_NET_OFFLINE", "true").env_remove("CARGO_TARGET_DIR");
    let run = command.output().expect("the command starts").into();
    (folder, run)
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
    assert!(stdout.contains("-          1 |   names: [bind, reboot]\n"), "{stdout}{stderr}");
    assert!(stdout.contains("line 7, `reboot`: never used"), "{stdout}");
    assert!(stdout.contains("socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, …) on"), "{stdout}");
    assert!(stdout.contains("→ errno(1), by small\n"), "{stdout}");
    assert!(stdout.contains("-  names: [bind, reboot]\n+  names: [bind]\n"), "{stdout}");
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
