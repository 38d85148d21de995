//! Words and files of C libraries and of other tools: the error says what to write here.

use seccomp_compiler::{Architecture, Code};
use xtask::data::rows;

use crate::{codes, problems};

fn help(text: &str) -> String {
    let found = problems(text, "x86_64");
    found.iter().map(|problem| problem.help.clone().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn named(name: &str) -> String {
    help(&format!("{{default_action: allow, syscalls: [{{action: errno, names: ['{name}']}}]}}"))
}

/// Nothing is suggested that does not exist, or is another call.
#[test]
fn every_function_of_the_c_library_is_led_to_its_calls() {
    let data = seccomp_tests::scratch::workspace().join("seccomp-compiler/data/other-names.csv");
    let rows = rows(&data);
    for row in &rows {
        let help = named(&row["name"]);
        for call in row["calls"].split(' ') {
            assert!(help.contains(&format!("`{call}`")), "{}: {help}", row["name"]);
            assert!(Architecture::all().any(|of| of.syscall_number(call).is_some()), "{call}");
        }
    }
    assert!(rows.len() > 80, "{}", rows.len());
}

#[test]
fn prefixes_and_capitals_do_not_hide_a_call() {
    for name in ["sys_openat", "__NR_openat", "SYS_openat", "__x64_sys_openat", "OPENAT"] {
        assert_eq!(named(name), "did you mean `openat`?", "{name}");
    }
}

/// The nearest name would turn the meaning round.
#[test]
fn all_but_a_call_is_never_taken_for_the_call() {
    for name in ["!chroot", "~chroot", "~@chown"] {
        let help = named(name);
        assert!(!help.contains("did you mean") && help.contains("a group of its own"), "{name}: {help}");
    }
}

#[test]
fn actions_of_other_tools_are_led_to_ours() {
    for (action, ours) in [
        ("kill", "kill_process"),
        ("deny", "errno"),
        ("EPERM", "errno(EPERM)"),
        ("SCMP_ACT_ERRNO", "errno"),
        ("SCMP_ACT_KILL_PROCESS", "kill_process"),
        ("SECCOMP_RET_USER_NOTIF", "user_notif"),
        ("permit", "allow"),
    ] {
        let text = format!("{{default_action: {action}, syscalls: [{{action: log, names: [read]}}]}}");
        assert_eq!(help(&text), format!("did you mean `{ours}`?"), "{action}");
    }
}

#[test]
fn every_architecture_is_known_by_the_name_of_its_audit_architecture_and_in_capitals() {
    let help = |name: &str| {
        help(&format!(
            "{{default_action: allow, architectures: [{name}], syscalls: [{{action: log, names: [read]}}]}}"
        ))
    };
    for architecture in Architecture::all() {
        let capitals = architecture.name().to_uppercase();
        assert_eq!(help(&capitals), format!("did you mean `{architecture}`?"), "{capitals}");
    }
    for (name, ours) in [
        ("ARM64", "aarch64"),
        ("x86-64", "x86_64"),
        ("AUDIT_ARCH_X86_64", "x86_64"),
        ("AUDIT_ARCH_PPC64LE", "powerpc64le"),
        ("SCMP_ARCH_X86", "i386"),
        ("SCMP_ARCH_AARCH64", "aarch64"),
    ] {
        assert_eq!(help(name), format!("did you mean `{ours}`?"), "{name}");
    }
}

#[test]
fn files_of_other_tools_are_told_from_policies() {
    for (tool, text) in [
        ("OCI", "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": []}"),
        ("OCI", "{\n\t\"defaultAction\": \"SCMP_ACT_ERRNO\",\n\t\"syscalls\": []\n}"),
        ("OCI", "{\"linux\": {\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\"}}}"),
        ("Firecracker", "{main: {default_action: trap, filter_action: allow, filter: [{syscall: read}]}}"),
        ("minijail", "@default: kill-process\nread: 1\nioctl: arg1 == 0x5401\n"),
        ("minijail", "read: 1\nwrite: 1\n"),
        ("systemd", "[Service]\nSystemCallFilter=@system-service\n"),
        ("systemd", "SystemCallFilter=~@mount\n"),
        ("kafel", "POLICY a {\n  ALLOW { read, write }\n}\nUSE a DEFAULT KILL\n"),
    ] {
        assert_eq!(codes(text, "x86_64"), [Code::ForeignFormat], "{text}");
        let found = problems(text, "x86_64").to_string();
        assert!(found.contains(tool), "{tool}: {found}");
    }
    for policy in ["seccomp: {default_action: allow}", "seccomp: [\n", "read: [", "{default_action: 1}"] {
        assert!(!codes(policy, "x86_64").contains(&Code::ForeignFormat), "{policy}");
    }
}

/// What the target lacks would be the next error.
#[test]
fn only_calls_of_the_target_are_suggested() {
    let data = seccomp_tests::scratch::workspace().join("seccomp-compiler/data/other-names.csv");
    let names: Vec<String> = rows(&data).iter().map(|row| row["name"].clone()).collect();
    let misspelled = ["fstat65", "opne", "mmap3", "selct", "sys_open", "pol"].map(str::to_owned);
    for on in Architecture::all() {
        for name in names.iter().chain(&misspelled) {
            let text = format!("{{default_action: allow, syscalls: [{{action: errno, names: ['{name}']}}]}}");
            for problem in &problems(&text, on.name()) {
                let help = problem.help.clone().unwrap_or_default();
                let named = help.split('`').skip(1).step_by(2).filter(|word| *word != name);
                let absent: Vec<&str> = named.filter(|call| on.syscall_number(call).is_none()).collect();
                assert_eq!(absent, [""; 0], "{name} on {on}: {help}");
            }
        }
    }
}
