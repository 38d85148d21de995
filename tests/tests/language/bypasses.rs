//! Warnings about policies that look as if they refused something, and that a program gets past: it answers for itself, or
//! uses another value that does the same, or the conditions restrict nothing.

use seccomp_compiler::Architecture;
use xtask::data::Row;

use crate::{blocklist, data, group, names, problems};

fn allowlist(groups: &[String]) -> String {
    let rest = "{action: allow, names: [read, write, exit_group, \"@vdso\"]}";
    let groups = groups.join(", ");
    format!(
        "{{rust: false, default_action: 'errno(EACCES)', newer_syscalls: 'errno(ENOSYS)', syscalls: [{groups}, {rest}]}}"
    )
}

#[test]
fn what_is_left_to_a_tracer_the_program_allows_itself() {
    let warns = |policy: &str, on: &str| names(policy, on).contains(&"self-approval");
    let traced = "{action: trace, names: [kexec_load]}".to_owned();
    assert!(warns(&blocklist(std::slice::from_ref(&traced)), "x86_64"));
    for root in ["default_action: trace", "newer_syscalls: trace, default_action: allow"] {
        let policy = |names| format!("{{{root}, syscalls: [{{action: allow, names: [{names}]}}]}}");
        assert!(warns(&policy("\"@rust-std\", ptrace"), "x86_64"), "{root}");
    }
    // `ptrace` is itself left to a tracer that is not there.
    assert!(!warns("{default_action: trace, syscalls: [{action: allow, names: [\"@rust-std\"]}]}", "x86_64"));
    for refused in ["effects: [trace-others]", "names: [ptrace]"] {
        let refused = format!("{{action: errno, {refused}}}");
        assert!(!warns(&blocklist(&[refused, traced.clone()]), "x86_64"));
    }
    for way in ["PTRACE_TRACEME", "PTRACE_ATTACH", "PTRACE_SEIZE"] {
        let others = ["PTRACE_TRACEME", "PTRACE_ATTACH", "PTRACE_SEIZE"].into_iter().filter(|it| *it != way);
        let refused = others.map(|it| group("errno", "ptrace", &[&format!("request Equal {it}")]));
        let policy = blocklist(&refused.chain([traced.clone()]).collect::<Vec<_>>());
        assert!(warns(&policy, "aarch64"), "{way}");
    }
    let elsewhere = "{action: trace, architectures: [arm], names: [kexec_load]}".to_owned();
    assert!(!warns(&blocklist(std::slice::from_ref(&elsewhere)), "x86_64"));
    assert!(warns(&blocklist(&[elsewhere]), "arm"));
}

#[test]
fn what_is_left_to_a_supervisor_the_program_allows_itself() {
    let warns = |groups: &[&str]| {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        names(&blocklist(&groups), "riscv64").contains(&"self-approval")
    };
    let left = "{action: user_notif, names: [kexec_load]}";
    assert!(warns(&[left]));
    assert!(warns(&["{action: errno, names: [prctl]}", left]), "prctl(2) makes no listener");
    assert!(!warns(&["{action: errno, effects: [more-filters]}", left]));
    let listener = group("errno", "seccomp", &["flags BitsSet SECCOMP_FILTER_FLAG_NEW_LISTENER"]);
    assert!(!warns(&[&listener, left]));
}

#[test]
fn conditions_before_a_rule_that_allows_the_rest_restrict_nothing() {
    let warns = |policy: &str| names(policy, "x86_64").contains(&"needless-condition");
    let local = || group("allow", "socket", &["family Equal AF_UNIX"]);
    let all = || "{action: allow, names: [socket]}".to_owned();
    assert!(warns(&allowlist(&[local(), all()])));
    assert!(warns(&allowlist(&[local(), "{action: allow, names: [\"@network-io\"]}".to_owned()])));
    assert!(warns(&allowlist(&[local(), group("allow", "socket", &["family LessThan 20"])])));
    let unrelated = group("'errno(EPERM)'", "socket", &["family Equal AF_NETLINK"]);
    assert!(warns(&allowlist(&[local(), unrelated.clone(), all()])));
    assert!(warns(&blocklist(&[local(), unrelated])), "the default action allows it");

    let rest = group("'errno(EPERM)'", "socket", &["family NotEqual AF_INET"]);
    assert!(!warns(&allowlist(&[local(), rest, all()])));
    assert!(!warns(&allowlist(&[local()])));
    assert!(!warns(&allowlist(&[group("log", "socket", &["family Equal AF_UNIX"]), all()])), "it is logged");
    assert!(!warns(&allowlist(&[local(), group("allow", "socket", &["family Equal AF_INET"])])));
}

#[test]
fn a_rule_that_one_covered_abi_needs_is_not_needless() {
    // On i386, this number is another one.
    let policy = "
default_action: errno
newer_syscalls: errno(ENOSYS)
compat: true
rust: false
syscalls:
- action: allow
  names_with_args:
  - {name: socket, arguments: [{argument: family, operation: Equal, value: AF_UNIX}]}
- action: allow
  architectures: [x86_64]
  names: [socket]
- action: allow
  names: [read, write, exit_group, \"@vdso\"]
";
    assert!(!names(policy, "x86_64").contains(&"needless-condition"));
    let everywhere = policy.replace("  architectures: [x86_64]\n", "");
    assert!(names(&everywhere, "x86_64").contains(&"needless-condition"));
}

#[test]
fn alternatives_in_several_groups_can_leave_nothing_out() {
    let warns = |first: (&str, &str), second: (&str, &str)| {
        let group = |(action, condition): (&str, &str)| group(action, "getpriority", &[condition]);
        names(&blocklist(&[group(first), group(second)]), "x86_64").contains(&"alternatives-always-hold")
    };
    assert!(warns(("errno", "which NotEqual PRIO_USER"), ("errno", "which NotEqual PRIO_PGRP")));
    assert!(!warns(("errno", "which NotEqual PRIO_USER"), ("kill_process", "which NotEqual PRIO_PGRP")));
    assert!(!warns(("errno", "which NotEqual PRIO_USER"), ("errno", "who NotEqual 1")));
}

#[test]
fn numbers_that_are_joined_are_another_number() {
    let mut tried = 0;
    for row in data("values.csv") {
        let (call, argument) = (&row["call"], &row["argument"]);
        let having = |on: &&Architecture| on.syscall_number(call).is_some();
        let Some(on) = Architecture::all().find(having) else { continue };
        let warns = |operation: &str, value: &str| {
            let condition = format!("{argument} {operation} {value}");
            let found = names(&blocklist(&[group("errno", call, &[&condition])]), on.name());
            found.contains(&"joined-numbers")
        };
        // A file's type is in four bits of its mode.
        let two = if row["others"] == "0xf000" { ["0x1000", "0x2000"] } else { ["1", "2"] };
        if row["others"] == "bits" {
            assert!(!warns("Equal", "0x400|0x800"), "{call} {argument}");
        } else {
            assert!(warns("Equal", &two.join("|")), "{call} {argument}");
            assert!(!warns("Equal", two[0]), "{call} {argument}");
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
    for (call, condition, sum) in [
        ("socket", "type MaskedEqual SOCK_STREAM|SOCK_DGRAM/0xf", "SOCK_RAW"),
        ("mmap", "flags MaskedEqual MAP_SHARED|MAP_PRIVATE/0xf", "MAP_SHARED_VALIDATE"),
        ("prctl", "option Equal PR_SET_PDEATHSIG|PR_GET_PDEATHSIG", "PR_GET_DUMPABLE"),
    ] {
        let problems = problems(&blocklist(&[group("errno", call, &[condition])]), "x86_64");
        let joined = problems.iter().find(|problem| problem.code.name() == "joined-numbers");
        let joined = joined.unwrap_or_else(|| panic!("{condition}\n{problems}"));
        assert!(joined.message.ends_with(&format!("is `{sum}`")), "{}", joined.message);
    }
    for (call, condition) in [
        ("socket", "type MaskedEqual SOCK_STREAM|SOCK_CLOEXEC/0x8000f"),
        ("openat", "flags BitsSet O_WRONLY|O_RDWR"),
        ("openat", "flags MaskedEqual O_RDONLY|O_CLOEXEC/0x80003"),
        ("futex", "op Equal FUTEX_WAIT|FUTEX_PRIVATE_FLAG"),
        ("personality", "personality Equal PER_LINUX32|ADDR_NO_RANDOMIZE"),
    ] {
        let found = names(&blocklist(&[group("errno", call, &[condition])]), "x86_64");
        assert!(!found.contains(&"joined-numbers"), "{condition}");
    }
}

/// What is said to be open beside what a policy refuses.
fn holes(policy: &str, on: &str) -> String {
    let problems = problems(policy, on);
    let holes = problems.iter().filter(|problem| problem.code.name() == "hole-in-blocklist");
    holes.map(|hole| format!("{}\n", hole.message)).collect()
}

/// A value as a message names it.
fn shown(row: &Row) -> String {
    let argument = |condition: &str| {
        let mut parts = condition.split_whitespace();
        let (argument, _, value) = (parts.next(), parts.next(), parts.next());
        let value = value.and_then(|value| value.split('/').next()).unwrap_or_default();
        format!("{}: {value}", argument.unwrap_or_default())
    };
    let arguments: Vec<String> = row["condition"].split(';').map(argument).collect();
    format!("`{}({})`", row["call"], arguments.join(", "))
}

#[test]
fn a_value_that_does_the_same_is_open() {
    let twins = data("twin-values.csv");
    let mut tried = 0;
    for refused in twins.iter().filter(|row| row["side"] != "open") {
        let is_twin = |open: &&Row| {
            let same = open["kin"] == refused["kin"] && open["call"] == refused["call"];
            same && open["side"] != "refused" && open["condition"] != refused["condition"]
        };
        let conditions: Vec<&str> = refused["condition"].split(';').map(str::trim).collect();
        let policy = blocklist(&[group("errno", &refused["call"], &conditions)]);
        for open in twins.iter().filter(is_twin) {
            let said = |on: &&Architecture| holes(&policy, on.name()).contains(&shown(open));
            assert!(Architecture::all().any(|on| said(&on)), "{policy}: {open:?}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_value_that_an_allowlist_leaves_out_has_twins_as_well() {
    for (call, left_out, open) in [
        ("ptrace", "request NotEqual PTRACE_ATTACH", "`ptrace(request: PTRACE_SEIZE)`"),
        ("fcntl", "cmd NotEqual F_SETOWN", "`fcntl(cmd: F_SETOWN_EX)`"),
        ("ioctl", "cmd NotEqual TIOCSTI", "`ioctl(cmd: TIOCLINUX)`"),
        ("kill", "pid NotEqual 1", "`kill(pid: -1)`"),
        ("kill", "pid NotEqual 77", "`kill(pid: -1)`"),
        ("socket", "family NotEqual AF_INET", "`socket(family: AF_INET6)`"),
        ("openat", "flags MaskedEqual O_RDONLY/O_ACCMODE", "`openat(flags: O_TRUNC)`"),
        ("openat", "flags BitsNotSet O_WRONLY|O_RDWR", "`openat(flags: O_CREAT)`"),
        ("mprotect", "prot BitsNotSet PROT_EXEC", "`pkey_mprotect(prot: PROT_EXEC)`"),
    ] {
        let others = "{action: allow, names: [pkey_mprotect]}".to_owned();
        let policy = allowlist(&[group("allow", call, &[left_out]), others]);
        assert!(holes(&policy, "x86_64").contains(open), "{policy}\n{}", holes(&policy, "x86_64"));
    }
    for closed in [
        &[group("allow", "ptrace", &["request NotEqual PTRACE_ATTACH", "request NotEqual PTRACE_SEIZE"])][..],
        &[group("allow", "openat", &["flags BitsNotSet O_WRONLY|O_RDWR|O_TRUNC|O_CREAT"])],
        &[
            group("errno", "openat", &["flags BitsSet O_TRUNC|O_CREAT"]),
            group("allow", "openat", &["flags MaskedEqual O_RDONLY/O_ACCMODE"]),
        ],
        &[group("allow", "socket", &["family Equal AF_INET"])],
        &[group("allow", "kill", &["pid Equal 1"])],
        &[group("allow", "mprotect", &["prot BitsNotSet PROT_EXEC"])],
    ] {
        assert_eq!(holes(&allowlist(closed), "x86_64"), "", "{closed:?}");
    }
}

#[test]
fn a_refusal_of_all_flags_at_once_leaves_each_of_them() {
    let warns = |call, flags: &str| {
        let argument = if call == "mprotect" {
            "prot"
        } else if call == "clone" {
            "clone_flags"
        } else {
            "flags"
        };
        let condition = format!("{argument} MaskedEqual {flags}/{flags}");
        names(&blocklist(&[group("errno", call, &[&condition])]), "x86_64").contains(&"all-of-flags")
    };
    assert!(warns("clone", "CLONE_NEWUSER|CLONE_NEWNS"));
    assert!(warns("openat", "O_WRONLY|O_TRUNC"));
    assert!(!warns("mprotect", "PROT_WRITE|PROT_EXEC"), "only both together are meant");
    assert!(!warns("clone", "CLONE_NEWUSER"));
    assert!(!warns("clone", "CLONE_VM|CLONE_NEWNS"));
}
