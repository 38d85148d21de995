//! Policies of several files.

use std::collections::BTreeMap;

use seccomp_compiler::{Code, Compiled, Compiler, Diagnostics, LoadError, SourceFile, Verdict};

use crate::{EPERM, architecture, verdict};

/// Compiles the first of these files on x86_64; the others are there to be included.
pub(crate) fn compile(files: &[(&str, &str)]) -> Result<Compiled, Diagnostics> {
    let all: BTreeMap<&str, &str> = files.iter().copied().collect();
    let load = |name: &str| all.get(name).map(|text| text.as_bytes().to_vec()).ok_or(LoadError::NotFound);
    let (name, text) = files[0];
    Compiler::for_architecture(architecture("x86_64")).loader(&load).compile(&SourceFile::new(name, text))
}

pub(crate) fn codes(files: &[(&str, &str)]) -> Vec<Code> {
    let found = compile(files).map_or_else(|errors| errors, |compiled| compiled.warnings());
    found.iter().map(|problem| problem.code).collect()
}

const BASE: &str = "
syscalls: [{action: errno, names: [reboot, personality]}]
expect: [{action: errno, names: [reboot]}]
";

#[test]
fn the_including_file_s_rules_win_and_are_no_dead_rules_of_the_base() {
    let policy = "
default_action: allow
include: [base.yaml]
syscalls: [{action: log, names: [personality]}]
";
    let compiled = compile(&[("policy.yaml", policy), ("base.yaml", BASE)]).expect("an override is sound");
    assert_eq!(verdict(&compiled, "personality", [0; 6]), Verdict::Log);
    assert_eq!(verdict(&compiled, "reboot", [0; 6]), EPERM);
    let read: Vec<&str> = compiled.sources.iter().map(SourceFile::name).collect();
    assert_eq!(read, ["policy.yaml", "base.yaml"]);
}

#[test]
fn an_expectation_of_an_included_file_binds_the_whole_policy() {
    let policy = "
default_action: allow
include: [base.yaml]
syscalls: [{action: log, names: [reboot]}]
";
    assert_eq!(codes(&[("policy.yaml", policy), ("base.yaml", BASE)]), [Code::BrokenExpectation]);
}

#[test]
fn paths_are_relative_to_the_including_file() {
    let files = [
        ("policies/policy.yaml", "default_action: allow\ninclude: [parts/one.yaml]\n"),
        ("policies/parts/one.yaml", "include: [two.yaml, ../../shared/three.yaml]\n"),
        ("policies/parts/two.yaml", "syscalls: [{action: errno, names: [acct]}]\n"),
        ("shared/three.yaml", "syscalls: [{action: errno, names: [reboot]}]\n"),
    ];
    let compiled = compile(&files).expect("all files are found");
    assert_eq!(compiled.sources.iter().count(), 4);
    assert_eq!(verdict(&compiled, "reboot", [0; 6]), EPERM);
}

#[test]
fn a_file_reached_twice_counts_once() {
    let files = [
        ("policy.yaml", "default_action: allow\ninclude: [a.yaml, b.yaml, ./a.yaml, sub/../base.yaml]\n"),
        ("a.yaml", "include: [base.yaml]\n"),
        ("b.yaml", "include: [base.yaml]\n"),
        ("base.yaml", BASE),
    ];
    assert_eq!(compile(&files).expect("it is no repetition").sources.iter().count(), 4);
}

#[test]
fn a_cycle_is_an_error_that_shows_the_way() {
    let files = [
        ("policy.yaml", "default_action: allow\ninclude: [a.yaml]\n"),
        ("a.yaml", "include: [b.yaml]\n"),
        ("b.yaml", "include: [a.yaml]\n"),
    ];
    let problems = compile(&files).expect_err("it never ends").to_string();
    assert!(problems.contains("policy.yaml → a.yaml → b.yaml → a.yaml"), "{problems}");
    let alone = [("policy.yaml", "default_action: allow\ninclude: [policy.yaml]\n")];
    assert_eq!(codes(&alone), [Code::IncludeCycle]);
}

/// What a policy with these root keys compiles to that includes one with those.
fn inheriting(own: &str, theirs: &str) -> Compiled {
    let policy = format!("{own}\ninclude: [base.yaml]\n");
    let base = format!("{theirs}\nsyscalls: [{{action: errno, names: [reboot]}}]\n");
    match compile(&[("policy.yaml", &policy), ("base.yaml", &base)]) {
        Ok(compiled) => compiled,
        Err(problems) => panic!("{own} over {theirs}:\n{problems}"),
    }
}

#[test]
fn the_keys_of_an_included_policy_hold_where_the_including_one_is_silent() {
    const WHOLE: &str = "default_action: log\nnewer_syscalls: errno(ENOSYS)\nforeign_architecture: errno\n\
                         compat: true\nflags: [tsync, log]\nno_new_privs: false";
    let enosys = Verdict::Errno(38);
    let facts = |compiled: &Compiled| {
        let abi = &compiled.rules().abis[0];
        let (compat, flags) = (compiled.compat, compiled.flags.bits());
        (abi.default, abi.newer, compiled.rules().foreign, compat, flags, compiled.no_new_privs)
    };
    let inherited = (Verdict::Log, enosys, EPERM, true, 3, false);
    assert_eq!(facts(&inheriting("", WHOLE)), inherited);
    for (own, expected) in [
        ("default_action: allow", (Verdict::Allow, enosys, EPERM, true, 3, false)),
        ("newer_syscalls: errno", (Verdict::Log, EPERM, EPERM, true, 3, false)),
        ("foreign_architecture: trap", (Verdict::Log, enosys, Verdict::Trap(0), true, 3, false)),
        ("compat: false", (Verdict::Log, enosys, EPERM, false, 3, false)),
        ("flags: [tsync]", (Verdict::Log, enosys, EPERM, true, 1, false)),
        ("no_new_privs: true", (Verdict::Log, enosys, EPERM, true, 3, true)),
    ] {
        assert_eq!(facts(&inheriting(own, WHOLE)), expected, "{own}");
    }
    let unsaid = (Verdict::Log, Verdict::Log, Verdict::KillProcess, false, 1, true);
    assert_eq!(facts(&inheriting("", "default_action: log")), unsaid);
}

#[test]
fn included_policies_that_disagree_are_an_error_until_the_including_one_decides() {
    let one = "default_action: allow\nflags: [tsync, log]\nsyscalls: [{action: errno, names: [reboot]}]\n";
    let two = "default_action: log\nflags: [tsync, log]\nsyscalls: [{action: errno, names: [acct]}]\n\
               allow_warnings: [log-default: to see what happens]\n";
    let with = |policy: &str| {
        let policy = format!("{policy}include: [one.yaml, parts/two.yaml]\n");
        compile(&[("policy.yaml", &policy), ("one.yaml", one), ("parts/two.yaml", two)])
    };
    let problems = with("").expect_err("one says `allow` and two says `log`");
    let [problem] = problems.iter().collect::<Vec<_>>()[..] else { panic!("{problems}") };
    assert_eq!(problem.code, Code::IncludeConflict);
    let places: Vec<_> = problem.labels.iter().map(|label| (label.file.as_str(), label.span.line)).collect();
    assert_eq!(places, [("parts/two.yaml", 1), ("one.yaml", 1)]);
    let help = problem.help.as_deref().expect("it says what to do");
    assert_eq!(help, "write `default_action:` in `policy.yaml`, which includes both");
    let decided = with("default_action: allow\n").expect("the policy decides");
    assert_eq!(verdict(&decided, "read", [0; 6]), Verdict::Allow);
    assert_eq!(decided.flags.bits(), 3, "on which they agree");
}

/// By the second way to it, a file has no rules left, but still its keys.
#[test]
fn a_file_that_is_included_again_disagrees_as_before() {
    let base = "default_action: allow\nsyscalls: [{action: errno, names: [reboot]}]\n";
    let one = "default_action: errno(EACCES)\ninclude: [base.yaml]\n";
    let files = |two| {
        [
            ("policy.yaml", "include: [one.yaml, two.yaml]\n"),
            ("one.yaml", one),
            ("two.yaml", two),
            ("base.yaml", base),
        ]
    };
    assert_eq!(codes(&files("include: [base.yaml]\n")), [Code::IncludeConflict]);
    assert_eq!(
        codes(&files("default_action: kill_process\ninclude: [base.yaml]\n")),
        [Code::IncludeConflict]
    );
    let agreed = codes(&files("default_action: errno(EACCES)\ninclude: [base.yaml]\n"));
    assert!(!agreed.contains(&Code::IncludeConflict));
}

#[test]
fn a_policy_is_for_the_architectures_that_all_its_files_are_for() {
    let base = "default_action: allow\narchitectures: [x86_64, i386]\nsyscalls: [{action: errno, names: [reboot]}]\n";
    let with = |policy: &str| {
        codes(&[("policy.yaml", &format!("{policy}include: [base.yaml]\n")), ("base.yaml", base)])
    };
    assert_eq!(with(""), []);
    assert_eq!(with("architectures: [aarch64, x86_64]\n"), []);
    assert_eq!(with("architectures: [i386, aarch64]\n"), [Code::OtherArchitecture]);
    assert!(with("architectures: [aarch64]\n").contains(&Code::IncludeConflict));
}

#[test]
fn a_reason_of_an_included_file_holds_for_its_own_lines() {
    let warned = "{action: kill_thread, names: [acct]}";
    let base =
        format!("default_action: allow\nallow_warnings: [kill-thread: one thread]\nsyscalls: [{warned}]\n");
    let with = |policy: &str| codes(&[("policy.yaml", policy), ("base.yaml", &base)]);
    assert_eq!(with("include: [base.yaml]\n"), []);
    let own = format!("include: [base.yaml]\nsyscalls: [{}]\n", warned.replace("acct", "swapon"));
    assert_eq!(with(&own), [Code::KillThread]);
    assert_eq!(with(&format!("allow_warnings: [kill-thread: all of it]\n{own}")), []);
}

/// Whether a filter is installed is not for a part of it to say.
#[test]
fn an_included_file_cannot_be_switched_off() {
    let policy = ("policy.yaml", "default_action: allow\ninclude: [base.yaml]\n");
    for enabled in ["enabled: false", "enabled: true"] {
        let base = format!("{enabled}\ndefault_action: allow\n{BASE}");
        assert_eq!(codes(&[policy, ("base.yaml", &base)]), [Code::KeyInInclude], "{enabled}");
    }
}

#[test]
fn some_file_must_have_a_default_action() {
    assert_eq!(codes(&[("policy.yaml", "include: [base.yaml]\n"), ("base.yaml", BASE)]), [Code::MissingKey]);
    let policy = ("policy.yaml", "default_action: allow\ninclude: [base.yaml]\n");
    let base = format!("flags: [log]\n{BASE}");
    assert_eq!(codes(&[policy, ("base.yaml", &base)]), [Code::MissingKey], "neither whole nor a part");
}

#[test]
fn an_included_file_may_have_expectations_alone() {
    let expect = ("expect.yaml", "expect: [{action: errno, names: [reboot]}]\n");
    let policy = "default_action: allow\ninclude: [base.yaml, expect.yaml]\n";
    assert_eq!(codes(&[("policy.yaml", policy), ("base.yaml", BASE), expect]), []);
    let other = "syscalls: [{action: errno, names: [acct]}]\n";
    assert_eq!(codes(&[("policy.yaml", policy), ("base.yaml", other), expect]), [Code::BrokenExpectation]);
}

/// A filter that decides nothing would look like one that does.
#[test]
fn a_policy_needs_a_group_in_one_of_its_files() {
    let expect = ("expect.yaml", "expect: [{action: allow, names: [reboot]}]\n");
    for include in ["[]", "[expect.yaml]"] {
        let policy = format!("default_action: allow\ninclude: {include}\n");
        assert_eq!(codes(&[("policy.yaml", &policy), expect]), [Code::MissingKey], "{include}");
    }
}

#[test]
fn a_group_of_an_included_file_may_be_for_more_than_the_policy() {
    let base = "syscalls: [{action: errno, optional: true, names: [socketcall]}]\n\
                expect: [{action: errno, names: [socketcall]}]\n";
    let policy = "architectures: [x86_64]\ndefault_action: allow\ninclude: [base.yaml]\n\
                  syscalls: [{action: errno, names: [reboot]}]\n";
    assert_eq!(codes(&[("policy.yaml", policy), ("base.yaml", base)]), []);
}

#[test]
fn the_limit_of_256_kb_is_on_all_files_together() {
    let comment = format!("# {}\n", "long ".repeat(30_000));
    let base = format!("{comment}{BASE}");
    let policy = format!("default_action: allow\ninclude: [base.yaml]\n{comment}");
    assert_eq!(codes(&[("policy.yaml", &policy), ("base.yaml", &base)]), [Code::TooLarge]);
    let short = ("policy.yaml", "default_action: allow\ninclude: [base.yaml]\n");
    assert_eq!(codes(&[short, ("base.yaml", &base)]), []);
}
