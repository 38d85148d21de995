//! Every action does to a call what the policy language says of it.

use std::sync::mpsc;
use std::thread;

use seccomp_compiler::Architecture;
use seccomp_runtime::{Errno, Filter, include_policy};
use seccomp_tests::kernel::{Sigsys, SigsysRecord, dies_of_sigsys, getppid, gettid, passes, socket};
use seccomp_tests::programs::number;

use crate::status;

static ALLOW: Filter = include_policy!(
    yaml = "{default_action: errno, syscalls: [{action: allow, names: [getppid, exit_group]}]}"
);
static LOG: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: log, names: [getppid]}]}");
static ERRNO: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno, names: [getppid]}]}");
static ERRNO_ENOSYS: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno(ENOSYS), names: [getppid]}]}");
static ERRNO_4095: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno(4095), names: [getppid]}]}");
static ERRNO_0: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno(0), names: [getppid]}]}");
static TRAP: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: trap, names: [getppid]}]}");
static TRAP_9: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: trap(9), names: [getppid]}]}");
static TRACE: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: trace(7), names: [getppid]}]}");
static USER_NOTIF: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: user_notif, names: [getppid]}]}");
static KILL_THREAD: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: kill_thread, names: [getppid]}]}");
static KILL_PROCESS: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: kill_process, names: [getppid]}]}");

/// What getppid(2) answers under a filter in a child of this process.
#[track_caller]
fn answers(filter: &'static Filter, expected: Result<libc::c_long, Errno>) {
    passes(|| {
        filter.install().expect("the kernel takes it");
        assert_eq!(getppid(), expected);
    });
}

fn this_process() -> libc::c_long {
    i32::try_from(std::process::id()).expect("a process's number is an int").into()
}

#[test]
fn allow_lets_the_call_be_made() {
    answers(&ALLOW, Ok(this_process()));
}

#[test]
fn the_default_action_is_for_all_other_calls() {
    passes(|| {
        ALLOW.install().expect("the kernel takes it");
        assert_eq!(socket(0), Err(Errno(libc::EPERM)));
    });
}

#[test]
fn log_lets_the_call_be_made() {
    answers(&LOG, Ok(this_process()));
}

#[test]
fn errno_alone_is_eperm() {
    answers(&ERRNO, Err(Errno(libc::EPERM)));
}

#[test]
fn errno_by_name_is_the_one_of_this_architecture() {
    answers(&ERRNO_ENOSYS, Err(Errno(libc::ENOSYS)));
}

#[test]
fn errno_by_number_reaches_the_caller_up_to_4095() {
    answers(&ERRNO_4095, Err(Errno(4095)));
}

#[test]
fn errno_0_makes_the_call_succeed_without_being_made() {
    answers(&ERRNO_0, Ok(0));
}

#[test]
fn trap_raises_sigsys_which_tells_the_call_and_its_value() {
    const SYS_SECCOMP: u32 = 1;
    passes(|| {
        let record = SigsysRecord::new(false);
        record.catch();
        TRAP_9.install().expect("the kernel takes it");
        assert_eq!(record.take(), None);
        // Its result is whatever the handler leaves in the register.
        let _result = getppid();
        let told = record.take().expect("the handler ran");
        let syscall = number(libc::SYS_getppid);
        let arch = Architecture::host().map_or(told.arch, Architecture::audit);
        assert_eq!(told, Sigsys { code: SYS_SECCOMP, errno: 9, syscall, arch, has_address: true });
    });
}

#[test]
fn trap_alone_has_the_value_0() {
    passes(|| {
        let record = SigsysRecord::new(false);
        record.catch();
        TRAP.install().expect("the kernel takes it");
        let _result = getppid();
        assert_eq!(record.take().map(|told| told.errno), Some(0));
    });
}

#[test]
fn trap_without_a_handler_ends_the_process() {
    dies_of_sigsys(|| {
        TRAP.install().expect("the kernel takes it");
        let _result = getppid();
    });
}

#[test]
fn trace_without_a_tracer_is_enosys() {
    answers(&TRACE, Err(Errno(libc::ENOSYS)));
}

#[test]
fn user_notif_without_a_supervisor_is_enosys() {
    answers(&USER_NOTIF, Err(Errno(libc::ENOSYS)));
}

#[test]
fn kill_thread_leaves_the_other_threads_running() {
    passes(|| {
        KILL_THREAD.install().expect("the kernel takes it");
        let (tell, told) = mpsc::channel();
        let doomed = thread::spawn(move || {
            tell.send(gettid()).expect("the main thread waits");
            let _result = getppid();
            tell.send(0).expect("the main thread waits");
        });
        let (release, released) = mpsc::channel();
        let other = thread::spawn(move || released.recv());
        let thread = told.recv().expect("it tells its number");
        while status::exists(thread) {
            thread::yield_now();
        }
        assert!(told.try_recv().is_err(), "the thread went on behind the call");
        release.send(()).expect("the other thread still waits");
        other.join().expect("the other thread ran to its end").expect("it was released");
        // What it held stays held: joining it would wait for a result that it never left.
        std::mem::forget(doomed);
    });
}

#[test]
fn kill_thread_of_the_only_thread_ends_the_process() {
    dies_of_sigsys(|| {
        KILL_THREAD.install().expect("the kernel takes it");
        let _result = getppid();
    });
}

#[test]
fn kill_process_ends_all_threads() {
    dies_of_sigsys(|| {
        KILL_PROCESS.install().expect("the kernel takes it");
        thread::spawn(getppid);
        loop {
            thread::park();
        }
    });
}
