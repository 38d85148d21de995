//! What an author relies on is proved, for every call of every covered ABI.

use seccomp_compiler::{Architecture, Code};

use crate::{codes, problems};

const POLICY: &str = "
default_action: allow
compat: true
syscalls:
- action: errno
  architectures: [x86_64, x32]
  names: [personality]
expect:
- action: errno
  names: [personality]
";

#[test]
fn an_expectation_is_broken_by_any_covered_abi() {
    let found = problems(POLICY, "x86_64");
    let messages: Vec<&str> = found.iter().map(|of| of.message.as_str()).collect();
    assert_eq!(
        messages,
        ["the policy breaks this expectation: it answers personality(…) on i386 with allow"]
    );
    assert_eq!(codes(&POLICY.replace("compat: true", ""), "x86_64"), []);
}

#[test]
fn errno_is_expected_to_be_eperm_exactly() {
    let text = "
default_action: allow
syscalls: [{action: errno(ENOSYS), names: [reboot]}]
expect: [{action: errno, names: [reboot]}]
";
    assert_eq!(codes(text, "x86_64"), [Code::BrokenExpectation]);
    assert_eq!(codes(&text.replace("{action: errno,", "{action: errno(38),"), "x86_64"), []);
}

#[test]
fn a_name_that_an_abi_lacks_holds_by_itself_but_must_exist() {
    let text = "
default_action: allow
syscalls: [{action: errno, optional: true, names: [fork, clone, clone3, vfork]}]
expect: [{action: errno, names: [fork]}]
";
    for architecture in Architecture::all() {
        assert_eq!(codes(text, architecture.name()), [], "{architecture}");
    }
    assert_eq!(codes(&text.replace("names: [fork]", "names: [frok]"), "x86_64"), [Code::UnknownSyscall]);
}

/// One value of 2^64 breaks it: sampling would not find it.
#[test]
fn a_single_argument_that_breaks_an_expectation_is_found() {
    let text = "
default_action: allow
syscalls:
- action: errno
  names_with_args:
  - {name: personality, arguments: [{argument: 0, operation: NotEqual, value: 0xdeadbeef}]}
expect:
- action: errno
  names: [personality]
";
    let found = problems(text, "x86_64").to_string();
    assert!(found.contains("answers personality(0xdeadbeef, …) on x86_64 with allow"), "{found}");
}

/// On one architecture an expectation may be idle, but not on all that the policy is for.
#[test]
fn an_expectation_must_be_on_a_call_of_some_architecture_of_the_policy() {
    let text = "
architectures: [x86_64]
default_action: allow
syscalls: [{action: errno, names: [reboot]}]
expect: [{action: errno, names: [socketcall]}]
";
    assert_eq!(codes(text, "x86_64"), [Code::AppliesNowhere]);
    assert_eq!(codes(&text.replace("[x86_64]", "[x86_64, i386]"), "x86_64"), []);
    assert_eq!(codes(&text.replace("architectures: [x86_64]", ""), "x86_64"), []);
    let covered = text.replace("default_action", "compat: true\ndefault_action");
    assert_eq!(codes(&covered, "x86_64"), [Code::BrokenExpectation], "i386 has the call");
}

#[test]
fn conditions_that_no_call_meets_are_a_warning_in_an_expectation_too() {
    let text = "
default_action: allow
syscalls: [{action: errno, names: [kexec_load, kexec_file_load]}]
expect:
- action: allow
  names_with_args:
  - name: kexec_load
    arguments:
    - {argument: flags, operation: GreaterThan, value: 1}
    - {argument: flags, operation: LessThan, value: 2}
";
    assert_eq!(codes(text, "x86_64"), [Code::ContradictoryConditions]);
    assert_eq!(codes(&text.replace("value: 2", "value: 3"), "x86_64"), [Code::BrokenExpectation]);
}

#[test]
fn sets_can_be_expected() {
    let text = "
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls: [{action: allow, names: ['@rust-std']}]
expect:
- {action: errno, names: ['@mount', '@module']}
- {action: allow, names: ['@vdso']}
";
    for on in ["x86_64", "s390x", "mips"] {
        assert_eq!(codes(text, on), [], "{on}");
    }
    assert_eq!(
        codes(&text.replace("'@mount'", "'@basic-io'"), "x86_64").first(),
        Some(&Code::BrokenExpectation)
    );
}

#[test]
fn conditions_of_an_expectation_are_part_of_it() {
    let text = "
default_action: allow
syscalls:
- action: errno
  names_with_args: [{name: socket, arguments: [{argument: domain, operation: NotEqual, value: AF_UNIX}]}]
expect:
- action: allow
  names_with_args: [{name: socket, arguments: [{argument: domain, operation: Equal, value: AF_UNIX}]}]
- action: errno
  names_with_args: [{name: socket, arguments: [{argument: domain, operation: GreaterThan, value: AF_UNIX}]}]
allow_warnings: [io-uring-open: not the point]
";
    assert_eq!(codes(text, "x86_64"), []);
    assert_eq!(codes(&text.replace("GreaterThan", "GreaterOrEqual"), "x86_64"), [Code::BrokenExpectation]);
}

/// A program that knows how makes the call through another ABI, whose answer is one for all calls.
#[test]
fn an_expected_refusal_holds_for_abis_that_the_filter_does_not_cover() {
    let text = "
default_action: allow
foreign_architecture: allow
syscalls: [{action: errno, names: [execve, execveat]}]
expect: [{action: errno, names: [execve, execveat]}]
";
    assert_eq!(codes(text, "x86_64"), [Code::BrokenExpectation; 2]);
    assert_eq!(codes(text, "riscv64"), [], "there is no other ABI");
    assert_eq!(
        codes(&text.replace("foreign_architecture: allow", "foreign_architecture: trap"), "x86_64"),
        []
    );
    assert_eq!(
        codes(
            &text
                .replace("expect: [{action: errno", "expect: [{action: allow")
                .replace("execve, execveat]}]\n\"", "read]}]"),
            "x86_64"
        )
        .len(),
        2,
        "what is expected to be allowed breaks on the target's own calls"
    );
}
