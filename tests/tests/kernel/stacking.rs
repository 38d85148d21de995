//! Filters add up: of several verdicts the strictest counts, and of equal ones the newest.

use seccomp_runtime::{Errno, Filter, include_policy};
use seccomp_tests::kernel::{SigsysRecord, dies_of_sigsys, getppid, passes};

use crate::status::Status;

static ALLOW: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno, names: [ptrace]}]}");
static LOG: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: log, names: [getppid]}]}");
static TRACE: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: trace, names: [getppid]}]}");
static USER_NOTIF: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: user_notif, names: [getppid]}]}");
static EXDEV: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}");
static EMFILE: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno(EMFILE), names: [getppid]}]}");
static TRAP: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: trap, names: [getppid]}]}");
static KILL_PROCESS: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: kill_process, names: [getppid]}]}");

/// Both ways to stack two filters.
fn orders(a: &'static Filter, b: &'static Filter) -> [[&'static Filter; 2]; 2] {
    [[a, b], [b, a]]
}

fn install(filters: [&'static Filter; 2]) {
    for filter in filters {
        filter.install().expect("the kernel takes it");
    }
    assert_eq!(Status::now().seccomp, 2);
}

#[test]
fn an_errno_wins_over_whatever_lets_the_call_pass() {
    for lenient in [&ALLOW, &LOG, &TRACE, &USER_NOTIF] {
        for filters in orders(lenient, &EXDEV) {
            passes(|| {
                install(filters);
                assert_eq!(getppid(), Err(Errno(libc::EXDEV)));
            });
        }
    }
}

#[test]
fn what_answers_enosys_wins_over_what_lets_the_call_pass() {
    for strict in [&TRACE, &USER_NOTIF] {
        for filters in orders(&LOG, strict) {
            passes(|| {
                install(filters);
                assert_eq!(getppid(), Err(Errno(libc::ENOSYS)));
            });
        }
    }
}

#[test]
fn a_trap_wins_over_an_errno() {
    for filters in orders(&EXDEV, &TRAP) {
        passes(|| {
            let record = SigsysRecord::new(false);
            record.catch();
            install(filters);
            let _result = getppid();
            assert!(record.take().is_some());
        });
    }
}

#[test]
fn a_kill_wins_over_all_others() {
    for milder in [&ALLOW, &EXDEV, &TRAP] {
        for filters in orders(milder, &KILL_PROCESS) {
            dies_of_sigsys(|| {
                SigsysRecord::new(false).catch();
                install(filters);
                let _result = getppid();
            });
        }
    }
}

#[test]
fn of_two_errnos_the_newer_filter_s_counts() {
    for ([older, newer], expected) in orders(&EXDEV, &EMFILE).into_iter().zip([libc::EMFILE, libc::EXDEV]) {
        passes(|| {
            install([older, newer]);
            assert_eq!(getppid(), Err(Errno(expected)));
        });
    }
}
