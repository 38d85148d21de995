//! `tests/recorded/run` on the programs that take seconds: recorded, run again under their policies, and attacked there.

use std::process::{Command, Stdio};

#[test]
fn real_programs_run_under_their_recorded_policies_and_attackers_in_them_do_not() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/recorded/run");
    let mut trials = Command::new(script);
    trials.args(["grep", "less", "sqlite3", "xz"]).env("SECCOMP", env!("CARGO_BIN_EXE_cargo-seccomp"));
    // What it skips is said on standard error, which `cargo test` shows.
    let output = trials.stdin(Stdio::null()).stderr(Stdio::inherit()).output().expect("bash runs");
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{table}");
    assert!(table.starts_with("| program | instructions | groups | refusals |"), "{table}");
}
