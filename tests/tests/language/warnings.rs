//! Warnings on the ABIs that give them: what a policy leaves open, and what newer C libraries will miss.

use seccomp_compiler::Architecture;
use xtask::data::rows;

use crate::problems;

/// What the warnings of a blocklist of these names say on an architecture.
fn blocklist(names: &str, on: &str) -> Vec<String> {
    let text = format!("{{default_action: allow, syscalls: [{{action: errno, names: [{names}]}}]}}");
    said(&text, on)
}

fn said(policy: &str, on: &str) -> Vec<String> {
    problems(policy, on).iter().map(|problem| problem.message.clone()).collect()
}

#[test]
fn a_32_bit_abi_has_wider_forms_of_what_is_refused() {
    let wider = [
        ("setuid, setreuid, setreuid32, setresuid, setresuid32", "setuid32"),
        ("truncate", "truncate64"),
        ("clock_settime, settimeofday, stime", "clock_settime64"),
        ("rt_sigtimedwait", "rt_sigtimedwait_time64"),
    ];
    for (refused, open) in wider {
        let name = refused.split(',').next().unwrap_or_default();
        let hole = format!("refused, but `{open}` can do the same");
        let said = blocklist(refused, "i386");
        let names_both = |said: &String| said.contains(&format!("`{name}`")) && said.ends_with(&hole);
        assert!(said.iter().any(names_both), "{refused}: {said:?}");
        assert_eq!(blocklist(&format!("{refused}, {open}"), "i386"), [""; 0], "{refused}");
    }
    assert_eq!(blocklist("setuid, setreuid, setresuid, truncate", "x86_64"), [""; 0]);
}

#[test]
fn a_multiplexer_makes_what_is_refused_by_its_own_number() {
    for (refused, open) in [("shutdown", "socketcall"), ("shmdt", "ipc")] {
        let hole = format!("`{refused}` is refused, but `{open}` can do the same");
        assert_eq!(blocklist(refused, "i386"), [hole]);
        assert_eq!(blocklist(refused, "x86_64"), [""; 0]);
    }
}

#[test]
fn flags_of_clone_that_are_refused_go_through_clone3() {
    let text = "
default_action: allow
syscalls:
- action: errno
  names_with_args:
  - {name: clone, arguments: [{argument: flags, operation: BitsSet, value: CLONE_NEWUSER}]}
";
    let open = "`clone(clone_flags: CLONE_NEWUSER)` is refused, but `clone3` and \
                `unshare(unshare_flags: CLONE_NEWNS | …)` can do the same";
    assert_eq!(said(text, "x86_64"), [open]);
    let closed = format!(
        "{text}- {{action: errno(ENOSYS), names: [clone3]}}\n- {{action: errno, names: [unshare]}}\n"
    );
    assert_eq!(said(&closed, "x86_64"), [""; 0]);
}

#[test]
fn a_hole_on_another_abi_alone_names_it() {
    let text = "
default_action: allow
compat: true
foreign_architecture: errno
syscalls: [{action: errno, names: [time]}]
";
    let native = "`time` is refused, but `clock_gettime` can do the same";
    let beside = "`time` is refused, but on i386 `clock_gettime64` can do the same";
    assert_eq!(said(text, "x86_64"), [native, beside]);
}

/// Every call with a `_time64` form, on every ABI that has both.
#[test]
fn an_allowlist_without_the_forms_for_times_after_2038_drifts() {
    let calls = [
        "clock_adjtime",
        "clock_getres",
        "clock_gettime",
        "clock_nanosleep",
        "clock_settime",
        "futex",
        "io_pgetevents",
        "mq_timedreceive",
        "mq_timedsend",
        "ppoll",
        "pselect6",
        "recvmmsg",
        "rt_sigtimedwait",
        "sched_rr_get_interval",
        "semtimedop",
        "timer_gettime",
        "timer_settime",
        "timerfd_gettime",
        "timerfd_settime",
        "utimensat",
    ];
    let mut both = 0;
    for abi in Architecture::all() {
        for call in calls {
            let has = |name: &&String| abi.syscall_number(name).is_some();
            let wide = [format!("{call}64"), format!("{call}_time64")].iter().find(has).cloned();
            let (Some(_), Some(wide)) = (abi.syscall_number(call), wide) else { continue };
            let text =
                format!("{{default_action: kill_process, syscalls: [{{action: allow, names: [{call}]}}]}}");
            let drift = format!("`{call}` is allowed, but not `{wide}`, which newer C libraries use instead");
            assert!(said(&text, abi.name()).contains(&drift), "{call} on {abi}");
            both += 1;
        }
    }
    assert!(both > 100, "{both}");
}

/// By its replacement, and by what it replaces, wherever an ABI has both.
#[test]
fn a_call_that_is_refused_is_open_by_its_other_spellings() {
    let data = seccomp_tests::scratch::workspace().join("seccomp-compiler/data/replacements.csv");
    let mut tried = 0;
    for row in rows(&data) {
        for replacement in row["replacements"].split(' ') {
            // Two names of one number are one call.
            let has_both = |abi: &&Architecture| {
                let numbers = [&row["name"], replacement].map(|call| abi.syscall_number(call));
                numbers[0].is_some() && numbers[1].is_some() && numbers[0] != numbers[1]
            };
            let Some(on) = Architecture::all().find(has_both) else { continue };
            for (refused, open) in [(row["name"].as_str(), replacement), (replacement, row["name"].as_str())]
            {
                let said = blocklist(refused, on.name());
                let names_both = |said: &String| {
                    said.contains(&format!("`{refused}`")) && said.contains(&format!("`{open}`"))
                        || said.contains(&format!("`{open}("))
                };
                assert!(said.iter().any(names_both), "{refused} beside {open} on {on}: {said:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "{tried}");
    let fallback = "{default_action: allow, syscalls: [{action: errno(ENOSYS), names: [ppoll]}]}";
    assert_eq!(said(fallback, "x86_64"), [""; 0], "C libraries are to fall back on the others");
}

#[test]
fn what_is_refused_of_a_call_is_told_from_what_is_open_of_it() {
    let text = "
default_action: allow
syscalls:
- action: errno
  names: [process_vm_readv, process_vm_writev]
  names_with_args: [{name: ptrace, arguments: [{argument: request, operation: Equal, value: PTRACE_ATTACH}]}]
";
    let (refused, open) = ("`ptrace(request: PTRACE_ATTACH)`", "`ptrace(request: PTRACE_SEIZE)`");
    let hole = format!(
        "{refused}, `process_vm_readv` and `process_vm_writev` are refused, but {open} can do the same"
    );
    assert_eq!(said(text, "x86_64"), [hole]);
    let closed = text.replace("operation: Equal, value: PTRACE_ATTACH", "operation: NotEqual, value: 0");
    assert_eq!(said(&closed, "x86_64"), [""; 0]);
}

#[test]
fn a_rule_that_refuses_what_no_program_works_without_is_seen() {
    let said = blocklist("exit_group", "x86_64");
    assert_eq!(said, ["every Rust program needs `exit_group`, which this policy answers with errno(EPERM)"]);
    let text = "{default_action: allow, rust: false, syscalls: [{action: errno, names: [exit_group]}]}";
    assert_eq!(self::said(text, "x86_64"), [""; 0]);
}

/// What is not said of the target's own ABI is said of the others, once and with their names.
#[test]
fn a_covered_abi_has_warnings_of_its_own() {
    let text = "
default_action: kill_process
compat: true
syscalls:
- action: kill_process
  names: [mmap2]
- action: allow
  names: ['@rust-std', '@rust-panic']
";
    let rule = "every Rust program on i386 needs `mmap2`, which this policy answers with kill_process";
    let said = said(text, "x86_64");
    let essential = |said: &&String| said.contains("needs");
    assert_eq!(said.iter().filter(essential).collect::<Vec<_>>(), [rule]);
    let text = "
default_action: errno
compat: true
newer_syscalls: errno(ENOSYS)
syscalls:
- {action: errno, names: [stime]}
- action: allow
  names: ['@rust-std', '@rust-panic']
  names_with_args: [{name: waitpid, arguments: [{argument: stat_addr, operation: Equal, value: 4096}]}]
";
    let codes: Vec<&str> = problems(text, "x86_64").iter().map(|problem| problem.code.name()).collect();
    assert!(codes.contains(&"same-as-default") && codes.contains(&"pointer-compared"), "{codes:?}");
}

#[test]
fn programs_in_other_languages_need_not_panic() {
    let text = "{default_action: kill_process, rust: false, syscalls: [{action: allow, names: [write]}]}";
    assert_eq!(
        said(text, "x86_64").iter().filter(|said| said.contains("Rust") || said.contains("panic")).count(),
        0
    );
    let rust = text.replace("rust: false, ", "");
    assert_eq!(
        said(&rust, "x86_64").iter().filter(|said| said.contains("Rust") || said.contains("panic")).count(),
        2
    );
}

#[test]
fn an_effect_is_open_by_what_an_earlier_group_lets_through() {
    let text = "
default_action: allow
syscalls:
- {action: log, names: [clone3]}
- {action: errno, effects: [new-namespaces, new-processes]}
";
    let open =
        |effect: &str| format!("`{effect}` is refused here, but an earlier group lets `clone3` through");
    assert_eq!(said(text, "x86_64"), [open("new-namespaces"), open("new-processes")]);
    assert_eq!(said(&text.replace("action: log", "action: errno(ENOSYS)"), "x86_64"), [""; 0]);
    assert_eq!(said(&text.replace("errno,", "log,"), "x86_64"), [""; 0], "nothing was to be refused");
}

#[test]
fn what_one_covered_abi_refuses_another_may_let_through() {
    let text = "
default_action: allow
compat: true
syscalls:
- {action: errno, architectures: [x86_64], effects: [exec]}
";
    let open = |on: &str| {
        format!(
            "`execve` and `execveat` are refused on x86_64, but not on {on}, which the filter also covers"
        )
    };
    assert_eq!(said(text, "x86_64"), [open("i386"), open("x32")]);
    assert_eq!(said(&text.replace("[x86_64]", "[x86_64, i386, x32]"), "x86_64"), [""; 0]);
    assert_eq!(said(&text.replace("compat: true", "compat: false"), "x86_64"), [""; 0]);
}
