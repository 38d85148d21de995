//! What an included file expects is taken back by the file that includes it, for the calls that it names and no others.

use seccomp_compiler::Code;

use crate::includes::{codes, compile};

const BASE: &str = "
default_action: allow
syscalls:
- {action: kill_process, names: [unshare]}
- {action: kill_process, effects: [exec, new-namespaces]}
expect:
- {action: refused, effects: [exec]}
- {action: kill_process, names: [unshare]}
";

/// The problems of a policy with these groups and expectations, which includes the base.
fn with(groups: &str, expectations: &str) -> Vec<Code> {
    let policy = format!("include: [base.yaml]\nsyscalls: [{groups}]\nexpect: [{expectations}]\n");
    codes(&[("policy.yaml", &policy), ("base.yaml", BASE)])
}

const ALLOW_EXEC: &str = "{action: allow, names: [execve]}";
const ALLOWED_EXEC: &str = "{action: allowed, overrides: true, names: [execve]}";

#[test]
fn a_promise_of_an_included_file_is_taken_back_in_so_many_words() {
    assert_eq!(with(ALLOW_EXEC, ""), [Code::BrokenExpectation]);
    assert_eq!(with(ALLOW_EXEC, "{action: allowed, names: [execve]}"), [Code::BrokenExpectation]);
    assert_eq!(with(ALLOW_EXEC, ALLOWED_EXEC), []);
}

#[test]
fn the_error_says_how_to_take_it_back() {
    let policy = format!("include: [base.yaml]\nsyscalls: [{ALLOW_EXEC}]\n");
    let problems = compile(&[("policy.yaml", &policy), ("base.yaml", BASE)]).expect_err("it is broken");
    let help = problems.iter().next().and_then(|problem| problem.help.clone()).expect("it says what to do");
    assert!(help.contains("`overrides: true`"), "{help}");
}

#[test]
fn the_rest_of_a_promise_stays() {
    let both = "{action: allow, names: [execve, execveat]}";
    assert_eq!(with(both, ALLOWED_EXEC), [Code::BrokenExpectation], "execveat");
    assert_eq!(with(both, "{action: allowed, overrides: true, names: [execve, execveat]}"), []);
}

#[test]
fn conditions_are_part_of_what_is_taken_back() {
    let allow = |value| {
        format!(
            "{{action: allow, names_with_args: [{{name: unshare, arguments: [{{argument: flags, operation: Equal, value: {value}}}]}}]}}"
        )
    };
    let allowed = |value| allow(value).replace("{action: allow,", "{action: allowed, overrides: true,");
    assert_eq!(with(&allow("CLONE_FS"), &allowed("CLONE_FS")), []);
    assert_eq!(with(&allow("CLONE_NEWUSER"), &allowed("CLONE_NEWUSER")), []);
    let two = format!("{}, {}", allow("CLONE_FS"), allow("CLONE_NEWUSER"));
    assert_eq!(with(&two, &allowed("CLONE_NEWUSER")), [Code::BrokenExpectation]);
}

#[test]
fn an_answer_can_become_another() {
    let groups = "{action: errno(ENOSYS), names: [unshare]}";
    assert_eq!(with(groups, ""), [Code::BrokenExpectation]);
    assert_eq!(with(groups, "{action: refused, overrides: true, names: [unshare]}"), []);
}

/// What is taken back is proved like any expectation.
#[test]
fn what_holds_instead_must_hold() {
    assert_eq!(with("{action: log, names: [acct]}", ALLOWED_EXEC), [Code::BrokenExpectation]);
    let half = "{action: allow, names_with_args: [{name: execve, arguments: [{argument: 2, operation: Equal, value: 0, width: 64}]}]}";
    assert!(with(half, ALLOWED_EXEC).contains(&Code::BrokenExpectation));
}

#[test]
fn what_overrides_nothing_is_an_error() {
    let refused = "{action: refused, overrides: true, names: [execve]}";
    for (groups, expectations) in [
        ("{action: errno, names: [acct]}", refused),
        ("{action: errno, names: [acct]}", "{action: refused, overrides: true, effects: [exec]}"),
        ("{action: errno, names: [acct]}", "{action: errno, overrides: true, names: [acct]}"),
        ("{action: errno, names: [acct]}", "{action: allowed, overrides: true, names: [read]}"),
    ] {
        assert_eq!(with(groups, expectations), [Code::OverridesNothing], "{expectations}");
    }
    let more = "{action: allowed, overrides: true, names: [execve, read]}";
    assert_eq!(with(ALLOW_EXEC, more), [Code::OverridesNothing], "of `read` nothing is expected");
    let alone = format!(
        "default_action: allow\nsyscalls: [{{action: errno, names: [execve, execveat]}}]\nexpect: [{refused}]\n"
    );
    assert_eq!(codes(&[("policy.yaml", &alone)]), [Code::OverridesNothing], "it is all that is expected");
}

/// Of a set or an effect, one call is enough.
#[test]
fn sets_and_effects_override_as_names_do() {
    let groups = "{action: allow, names: ['@rust-process', execveat]}";
    let expected = "{action: allowed, overrides: true, names: ['@rust-process', execveat]}";
    assert_eq!(with(groups, expected), [Code::HoleInBlocklist], "`clone`, which is a member as well");
    let groups = "{action: allow, names: [execve, execveat]}";
    assert_eq!(with(groups, "{action: allowed, overrides: true, effects: [exec]}"), []);
}

#[test]
fn an_exception_to_a_promise_can_be_in_the_same_file() {
    let policy = |overrides: &str, signal| {
        let tgkill = format!(
            "names_with_args: [{{name: tgkill, arguments: [{{argument: sig, operation: Equal, value: {signal}}}]}}]"
        );
        let text = format!(
            "default_action: allow\nsyscalls: [{{action: allow, {tgkill}}}, {{action: errno, effects: [signal-others]}}]\n\
             expect: [{{action: refused, effects: [signal-others]}}, {{action: allowed, {overrides}{}}}]\n",
            tgkill.replace(signal, "SIGABRT")
        );
        codes(&[("policy.yaml", &text)])
    };
    assert_eq!(policy("overrides: true, ", "SIGABRT"), []);
    assert_eq!(policy("", "SIGABRT"), [Code::BrokenExpectation]);
    assert_eq!(policy("overrides: true, ", "SIGKILL"), [Code::BrokenExpectation; 2]);
    let two = "default_action: allow\nsyscalls: [{action: errno, names: [acct]}]\n\
               expect: [{action: errno, overrides: true, names: [acct]}, {action: allow, overrides: true, names: [acct]}]\n";
    assert!(codes(&[("policy.yaml", two)]).contains(&Code::BrokenExpectation), "neither overrides the other");
}

#[test]
fn a_file_overrides_what_it_includes_and_nothing_beside_or_above_it() {
    let adapted = format!("include: [base.yaml]\nsyscalls: [{ALLOW_EXEC}]\nexpect: [{ALLOWED_EXEC}]\n");
    let files = |policy| [("policy.yaml", policy), ("adapted.yaml", adapted.as_str()), ("base.yaml", BASE)];
    assert_eq!(codes(&files("include: [adapted.yaml]\n")), []);
    let own = "include: [adapted.yaml]\nexpect: [{action: refused, names: [execve]}]\n";
    assert_eq!(codes(&files(own)), [Code::BrokenExpectation]);
    let beside = "syscalls: [{action: errno, names: [acct]}]\nexpect: [{action: refused, names: [execve]}]\n";
    let policy = "include: [adapted.yaml, beside.yaml]\n";
    let files =
        [("policy.yaml", policy), ("adapted.yaml", &adapted), ("base.yaml", BASE), ("beside.yaml", beside)];
    assert_eq!(codes(&files), [Code::BrokenExpectation]);
}

/// Otherwise one of the files that include the base would lose a promise that it relies on.
#[test]
fn a_file_that_is_reached_in_several_ways_is_overridden_on_all_of_them() {
    let adapted = format!("include: [base.yaml]\nsyscalls: [{ALLOW_EXEC}]\nexpect: [{ALLOWED_EXEC}]\n");
    let other = "include: [base.yaml]\n";
    for include in ["[adapted.yaml, other.yaml]", "[other.yaml, adapted.yaml]"] {
        let policy = format!("include: {include}\n");
        let files = [
            ("policy.yaml", &*policy),
            ("adapted.yaml", &adapted),
            ("other.yaml", other),
            ("base.yaml", BASE),
        ];
        assert!(codes(&files).contains(&Code::IncludeConflict), "{include}");
        let policy = format!("include: {include}\nsyscalls: [{ALLOW_EXEC}]\nexpect: [{ALLOWED_EXEC}]\n");
        let files =
            [("policy.yaml", &*policy), ("adapted.yaml", other), ("other.yaml", other), ("base.yaml", BASE)];
        assert_eq!(codes(&files), [], "{include}");
    }
}

#[test]
fn a_refusal_is_taken_back_on_other_abis_by_the_same_words() {
    let policy = "foreign_architecture: allow\ninclude: [base.yaml]\n";
    let base = "default_action: allow\nallow_warnings: [foreign-open: tried]\nsyscalls: [{action: errno, names: [reboot]}]\n\
                expect: [{action: refused, names: [reboot]}]\n";
    let files = |policy| [("policy.yaml", policy), ("base.yaml", base)];
    assert_eq!(codes(&files(policy)), [Code::BrokenExpectation]);
    let allowed = format!(
        "{policy}allow_warnings: [foreign-open: tried]\nsyscalls: [{{action: allow, names: [reboot]}}]\n\
         expect: [{{action: allowed, overrides: true, names: [reboot]}}]\n"
    );
    assert!(!codes(&files(&allowed)).contains(&Code::BrokenExpectation));
}
