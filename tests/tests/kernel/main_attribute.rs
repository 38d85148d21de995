//! What a program with `#[policy]` does where its filter cannot be installed.

use std::process::{Command, Output};

use seccomp_compiler::Verdict;
use seccomp_tests::kernel::start_under;
use seccomp_tests::programs;

const EXITS: &str = env!("CARGO_BIN_EXE_policy-exits");
const WARNS: &str = env!("CARGO_BIN_EXE_policy-warns");
const LINE: &str = "seccomp: the filter of <inline policy> is not installed: seccomp failed with errno 1\n";

fn run(program: &str) -> Output {
    Command::new(program).output().expect("the program starts")
}

/// Starts a program under a filter that refuses seccomp(2), as a container's would.
fn run_where_filters_are_refused(program: &str) -> Output {
    let refuses = programs::answering(libc::SYS_seccomp, Verdict::Errno(1));
    start_under(&refuses, &mut Command::new(program)).output().expect("the program starts")
}

#[track_caller]
fn assert_output(output: &Output, status: i32, standard_output: &str, standard_error: &str) {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), standard_output);
    assert_eq!(String::from_utf8_lossy(&output.stderr), standard_error);
}

#[test]
fn with_its_filter_a_program_runs_and_says_nothing_of_it() {
    for program in [EXITS, WARNS] {
        assert_output(&run(program), 0, "main runs\n", "");
    }
}

#[test]
fn without_its_filter_a_program_says_one_line_and_exits_before_main() {
    assert_output(&run_where_filters_are_refused(EXITS), 1, "", LINE);
}

#[test]
fn on_failure_warn_says_the_same_line_and_goes_on() {
    assert_output(&run_where_filters_are_refused(WARNS), 0, "main runs\n", LINE);
}
