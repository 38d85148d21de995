//! Reasons for warnings: what they silence, and that one without a warning is a mistake itself.

use seccomp_compiler::{Architecture, Code, Compiler, LoadError, SourceFile};

use crate::codes;

const HOLES: &str = "syscalls: [{action: errno, names: [kill]}, {action: errno, names: [mprotect]}]";

fn with(allowed: &str) -> Vec<&'static str> {
    let policy = format!("{{default_action: allow, allow_warnings: [{allowed}], {HOLES}}}");
    codes(&policy, "x86_64").iter().map(|code| code.name()).collect()
}

#[test]
fn a_reason_can_say_which_calls_it_is_about() {
    assert_eq!(with("hole-in-blocklist: both"), [""; 0]);
    let one = "{hole-in-blocklist: one, calls: [kill]}";
    let other = "{hole-in-blocklist: other, calls: [mprotect]}";
    assert_eq!(with(one), ["hole-in-blocklist"]);
    assert_eq!(with(&format!("{one}, {other}")), [""; 0]);
    assert_eq!(with("{hole-in-blocklist: both, calls: [mprotect, kill]}"), [""; 0]);
    assert_eq!(
        with("{hole-in-blocklist: none, calls: [write]}").len(),
        3,
        "two holes, and a reason for none"
    );
    assert_eq!(with(&format!("{one}, {one}")), ["repeated-item"]);
    assert_eq!(with("{calls: [kill]}"), ["wrong-type"]);
    assert_eq!(with("{hole-in-blocklist: one, calls: kill}"), ["wrong-type"]);
    assert_eq!(with("{hole-in-blocklist: one, calls: [kil]}"), ["unknown-syscall"]);
    assert_eq!(with("{hole-in-blocklist: one, calls: [kill], calls: [mprotect]}"), ["duplicate-key"]);
}

#[test]
fn a_warning_about_several_calls_needs_a_reason_for_all_of_them() {
    let policy = |calls: &str| {
        format!(
            "{{default_action: allow, syscalls: [{{action: errno, names: [execve, execveat]}}, {{action: errno, names: [bind, connect]}}], \
             allow_warnings: [{{io-uring-open: a reason, calls: [{calls}]}}]}}"
        )
    };
    let is_open = |calls| codes(&policy(calls), "x86_64").contains(&Code::IoUringOpen);
    assert!(is_open("bind"));
    assert!(!is_open("bind, connect"));
}

#[test]
fn a_reason_for_a_warning_that_is_not_given_is_one() {
    assert_eq!(with("hole-in-blocklist: both, kill-thread: no such thread"), ["unused-reason"]);
    assert_eq!(with("hole-in-blocklist: both, kill-thread: no, unused-reason: for now"), [""; 0]);
}

/// Only ABIs of 32 bits have the wider form.
#[test]
fn a_reason_for_another_architecture_is_used() {
    let policy = |root: &str| {
        format!(
            "{{default_action: allow, {root} allow_warnings: [hole-in-blocklist: 16 bits are enough], \
             syscalls: [{{action: errno, effects: [set-ids]}}, {{action: errno, names: [getuid]}}]}}"
        )
    };
    assert_eq!(codes(&policy(""), "i386"), []);
    assert_eq!(codes(&policy(""), "x86_64"), []);
    assert_eq!(codes(&policy("architectures: [x86_64, aarch64],"), "x86_64"), [Code::UnusedReason]);
}

#[test]
fn a_reason_of_an_included_file_is_judged_where_that_file_is_compiled() {
    let base = "{default_action: allow, allow_warnings: [hole-in-blocklist: one is enough], \
                syscalls: [{action: errno, names: [mprotect]}]}";
    let policy = "{include: [base.yaml], syscalls: [{action: log, names: [mprotect]}]}";
    assert_eq!(codes(base, "x86_64"), []);
    let load = |name: &str| match name {
        "base.yaml" => Ok(base.as_bytes().to_vec()),
        _ => Err(LoadError::NotFound),
    };
    let host = Architecture::find("x86_64").expect("it is in the table");
    let file = SourceFile::new("policy.yaml", policy);
    let compiled = Compiler::for_architecture(host).loader(&load).compile(&file).expect("it compiles");
    assert_eq!(compiled.warnings().to_string(), "");
    let stale = base.replace("mprotect", "reboot").replace("names", "effects");
    assert_eq!(codes(&stale, "x86_64"), [Code::UnusedReason]);
}

#[test]
fn a_policy_that_is_off_says_so_when_it_is_compiled() {
    let policy = "enabled: false\ndefault_action: allow\nsyscalls: [{action: errno, effects: [reboot]}]\n";
    assert_eq!(codes(policy, "x86_64"), [Code::NotEnabled]);
    assert_eq!(codes("enabled: false\n", "x86_64"), [Code::NotEnabled]);
    assert_eq!(codes(&policy.replace("false", "true"), "x86_64"), []);
    assert_eq!(codes(&format!("{policy}allow_warnings: [not-enabled: not yet]\n"), "x86_64"), []);
}
