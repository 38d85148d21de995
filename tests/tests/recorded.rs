//! A policy that was recorded with one C library holds for another: programs of `tests/fixtures/portable`, recorded as this
//! machine builds them and run as they are built with musl. `tests/emulated/recorded` runs them on aarch64.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};

use cargo_seccomp::Output;
use seccomp_tests::scratch::{Scratch, musl_target};

const PROGRAMS: [&str; 6] = ["files", "network", "panics", "processes", "threads", "timing"];

#[test]
fn what_was_recorded_with_one_c_library_runs_with_another() {
    let scratch = Scratch::fixtures(env!("CARGO_TARGET_TMPDIR"));
    let built = |more: &[&str]| -> Vec<PathBuf> {
        let built = scratch.cargo(&[&["build", "-p", "portable"], more].concat()).expect_success();
        PROGRAMS.iter().map(|name| built.executable(name)).collect()
    };
    let own = built(&[]);
    let Some(target) = musl_target() else { return };
    for (own, other) in own.iter().zip(built(&["--target", &target])) {
        let policy =
            scratch.root().join(own.file_name().expect("a program has a name")).with_extension("yaml");
        said(&["record", "--force", "--output", text(&policy), "--", text(own)]);
        said(&["check", "--all-architectures", "--deny", "warnings", text(&policy)]);
        for program in [own, &other] {
            let findings = said(&["run", text(&policy), "--", text(program)]);
            assert!(findings.contains("no call was refused"), "{}: {findings}", program.display());
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// What the command says, which must succeed.
#[track_caller]
fn said(arguments: &[&str]) -> String {
    let (mut results, mut findings) = (Vec::new(), Vec::new());
    let arguments = ["cargo-seccomp"].iter().chain(arguments).copied();
    let outcome = cargo_seccomp::run(arguments, &mut Output::plain(&mut results, &mut findings));
    let findings = String::from_utf8_lossy(&findings).into_owned();
    assert_eq!(outcome.exit_code(), 0, "{findings}");
    findings
}
