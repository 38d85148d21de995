//! Policies of several files.

use std::collections::BTreeMap;

use seccomp_compiler::{Code, Compiled, Compiler, Diagnostics, LoadError, SourceFile, Verdict};

use crate::{EPERM, architecture, verdict};

/// Compiles the first of these files on x86_64; the others are there to be included.
fn compile(files: &[(&str, &str)]) -> Result<Compiled, Diagnostics> {
    let all: BTreeMap<&str, &str> = files.iter().copied().collect();
    let load = |name: &str| all.get(name).map(|text| text.as_bytes().to_vec()).ok_or(LoadError::NotFound);
    let (name, text) = files[0];
    Compiler::for_architecture(architecture("x86_64")).loader(&load).compile(&SourceFile::new(name, text))
}

fn codes(files: &[(&str, &str)]) -> Vec<Code> {
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

#[test]
fn an_included_file_may_have_a_default_action_that_is_ignored_and_no_other_root_key() {
    let policy = ("policy.yaml", "default_action: allow\ninclude: [base.yaml]\n");
    let whole = format!("default_action: kill_process\n{BASE}");
    let compiled = compile(&[policy, ("base.yaml", &whole)]).expect("it is ignored");
    assert_eq!(verdict(&compiled, "read", [0; 6]), Verdict::Allow);
    for key in ["enabled: false", "flags: [log]", "compat: true", "allow_warnings: [drift: old]"] {
        let base = format!("{key}\n{BASE}");
        assert_eq!(codes(&[policy, ("base.yaml", &base)]), [Code::KeyInInclude], "{key}");
    }
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
