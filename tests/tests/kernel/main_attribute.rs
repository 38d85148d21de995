//! What a program with `#[policy]` does where its filter cannot be installed.

use std::process::{Command, Output};

use seccomp_compiler::{Instruction, Verdict};
use seccomp_tests::kernel::start_under;
use seccomp_tests::programs;

const EXITS: &str = env!("CARGO_BIN_EXE_policy-exits");
const LOGS: &str = env!("CARGO_BIN_EXE_policy-logs");
const WARNS: &str = env!("CARGO_BIN_EXE_policy-warns");
const LINE: &str = "seccomp: cannot install the filter of <inline policy>: another filter, such as a container's, refuses \
     seccomp(2) with error EPERM; see seccomp_runtime::refused\n";

fn run(program: &str) -> Output {
    Command::new(program).output().expect("the program starts")
}

/// Starts a program under a filter that refuses seccomp(2), as a container's would.
fn run_where_filters_are_refused(program: &str) -> Output {
    run_under(&programs::answering(libc::SYS_seccomp, Verdict::Errno(1)), program)
}

fn run_under(below: &[Instruction], program: &str) -> Output {
    start_under(below, &mut Command::new(program)).output().expect("the program starts")
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
fn a_program_whose_filter_only_logs_says_so_and_goes_on() {
    let line = "seccomp: the filter of this program refuses nothing and only logs: its policy was compiled with \
                `refusals = \"log\"`\n";
    assert_output(&run(LOGS), 0, "main runs: true\n", line);
}

#[test]
fn without_its_filter_a_program_says_one_line_and_exits_before_main() {
    assert_output(&run_where_filters_are_refused(EXITS), 1, "", LINE);
}

#[test]
fn on_failure_warn_says_the_same_line_and_goes_on() {
    assert_output(&run_where_filters_are_refused(WARNS), 0, "main runs\n", LINE);
}

#[test]
fn each_error_has_its_message() {
    let errno = |number: libc::c_int| Verdict::Errno(number.try_into().expect("an errno"));
    let seccomp = |number| programs::answering(libc::SYS_seccomp, errno(number));
    let einval = errno(libc::EINVAL);
    let refuses =
        |error| format!("another filter, such as a container's, refuses seccomp(2) with error {error}");
    let cases = [
        (programs::answering(libc::SYS_prctl, errno(1)), "setting no_new_privs failed with error EPERM"),
        (seccomp(libc::ENOMEM), "out of memory, or too many filters on this thread"),
        (seccomp(libc::EACCES), &refuses("EACCES")),
        (seccomp(libc::EINVAL), &refuses("EINVAL")),
        (seccomp(libc::ENOSYS), &refuses("ENOSYS")),
        (seccomp(4095), &refuses("4095")),
        (seccomp(0), "another filter answers seccomp(2) with success and installs nothing"),
        (
            programs::answering_bits(libc::SYS_seccomp, 1, 1, einval),
            "the kernel does not know the flag `tsync`",
        ),
        (programs::answering_bits(libc::SYS_seccomp, 2, u32::MAX, einval), "the kernel rejected the program"),
    ];
    for (below, message) in cases {
        let line = format!(
            "seccomp: cannot install the filter of <inline policy>: {message}; see seccomp_runtime::refused\n"
        );
        assert_output(&run_under(&below, EXITS), 1, "", &line);
    }
}
