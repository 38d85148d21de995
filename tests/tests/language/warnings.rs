//! Warnings on the ABIs that give them: what a policy leaves open, and what newer C libraries will miss.

use seccomp_compiler::Architecture;

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
        ("recvmmsg, socketcall", "recvmmsg_time64"),
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
    for (refused, open) in [("sendmmsg", "socketcall"), ("shmdt", "ipc")] {
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
    let open =
        "`clone` is refused, but `clone3` and `unshare(unshare_flags: CLONE_NEWNS | …)` can do the same";
    assert_eq!(said(text, "x86_64"), [open]);
    let closed = format!(
        "{text}- {{action: errno(ENOSYS), names: [clone3]}}\n- {{action: errno, names: [unshare]}}\n"
    );
    assert_eq!(said(&closed, "x86_64"), [""; 0]);
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
