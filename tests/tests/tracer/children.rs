//! What the traced commands do, each a test of its own that passes without a tracer as well.

use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::time::{ClockId, ClockNanosleepFlags, clock_nanosleep};
use nix::unistd::{Pid, close, dup, getppid, read};
use seccomp_observe::tracer::{Attachment, NotAttached, TraceError};
use seccomp_tests::kernel;

use crate::Seen;

#[test]
#[ignore = "is traced by another test"]
fn no_call_fails_under_a_timer() {
    kernel::interrupt_often();
    for _ in 0..20_000 {
        let copy = dup(std::io::stdin()).expect("it is open");
        close(copy).expect("it is open");
        assert!(getppid().as_raw() > 0);
    }
}

#[test]
#[ignore = "is traced by another test"]
fn threads_are_joined() {
    let threads: Vec<_> = (0..100).map(|number| thread::spawn(move || number + kernel::gettid())).collect();
    for thread in threads {
        assert!(thread.join().expect("it does not panic") > 0);
    }
}

#[test]
#[ignore = "is traced by another test"]
fn processes_are_spawned() {
    // The first is by vfork or posix_spawn, the second by fork.
    let status = Command::new("true").status().expect("it starts");
    assert!(status.success());
    let mut command = Command::new("true");
    command.process_group(0).current_dir("/");
    assert!(command.status().expect("it starts").success());
}

#[test]
#[ignore = "is traced by another test"]
fn a_thread_becomes_a_program() {
    let other = thread::spawn(|| Command::new("true").exec());
    panic!("exec failed: {:?}", other.join());
}

#[test]
#[ignore = "is traced by another test"]
fn a_process_is_stopped_and_goes_on() {
    // SIGTSTP stops nothing in an orphaned process group, as this one may be.
    let mut child = Command::new("cat");
    let child = child.stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0);
    let mut child = child.spawn().expect("it starts");
    let process = Pid::from_raw(child.id().try_into().expect("an ID"));
    let flags = WaitPidFlag::WUNTRACED | WaitPidFlag::WCONTINUED;
    for _ in 0..20 {
        for signal in [Signal::SIGSTOP, Signal::SIGTSTP] {
            kill(process, signal).expect("it is there");
            assert_eq!(waitpid(process, Some(flags)), Ok(WaitStatus::Stopped(process, signal)));
            kill(process, Signal::SIGCONT).expect("it is there");
            assert_eq!(waitpid(process, Some(flags)), Ok(WaitStatus::Continued(process)));
        }
    }
    kill(process, Signal::SIGSTOP).expect("it is there");
    assert_eq!(waitpid(process, Some(flags)), Ok(WaitStatus::Stopped(process, Signal::SIGSTOP)));
    kill(process, Signal::SIGKILL).expect("it is there");
    assert_eq!(child.wait().expect("it ended").signal(), Some(libc::SIGKILL));
}

#[test]
#[ignore = "is traced by another test"]
fn real_time_signals_arrive() {
    let status = Command::new("sh").args(["-c", "kill -s RTMIN+3 $$"]).status().expect("it starts");
    assert!(status.signal().is_some_and(|signal| signal > libc::SIGSYS), "{status:?}");
}

#[test]
#[ignore = "is traced by another test"]
fn a_session_is_left() {
    let status = Command::new("setsid").args(["-w", "sh", "-c", "exit 7"]).status().expect("it starts");
    assert_eq!(status.code(), Some(7));
}

#[test]
#[cfg(target_arch = "x86_64")]
#[ignore = "is traced by another test"]
fn a_call_of_another_abi_is_made() {
    assert_eq!(kernel::getppid_by_int80(), getppid().as_raw());
}

#[test]
#[ignore = "is traced by another test"]
fn getppid_fails_with_eacces() {
    let error = kernel::getppid().expect_err("it is refused");
    assert_eq!(error.0, libc::EACCES);
}

#[test]
#[ignore = "is traced by another test"]
fn getppid_is_trapped_with_seven() {
    let record = kernel::SigsysRecord::new(false);
    record.catch();
    let result = kernel::getppid();
    let sigsys = record.take().expect("it is trapped");
    assert_eq!((sigsys.errno, u32::try_from(libc::SYS_getppid)), (7, Ok(sigsys.syscall)));
    // Where the handler leaves the registers alone, that of the result has the number still.
    assert!(!cfg!(target_arch = "x86_64") || result == Ok(libc::SYS_getppid), "{result:?}");
}

#[test]
#[ignore = "is traced by another test"]
fn getppid_kills() {
    kernel::dies_of_sigsys(|| {
        let _ = kernel::getppid();
    });
}

/// Standard input is at its end when these are to end.
#[test]
#[ignore = "is attached to by another test"]
fn threads_make_calls() {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    assert!(kernel::gettid() > 0);
                }
            });
        }
        assert_eq!(read(std::io::stdin(), &mut [0]), Ok(0));
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
#[ignore = "is attached to by another test"]
fn no_call_that_waits_fails() {
    let is_over = AtomicBool::new(false);
    let until_over = |call: &(dyn Fn() -> Result<(), Errno> + Sync)| {
        while !is_over.load(Ordering::Relaxed) {
            assert_eq!(call(), Ok(()));
        }
    };
    let stdin = std::io::stdin();
    let forever = epoll_of_stdin();
    // What stays readable is not waited for, so this is about an input that is not.
    let (never, _open) = std::io::pipe().expect("a pipe");
    let short = Epoll::new(EpollCreateFlags::empty()).expect("an instance");
    thread::scope(|scope| {
        scope.spawn(|| until_over(&|| poll_briefly(never.as_fd())));
        scope.spawn(|| until_over(&|| rest_briefly()));
        scope.spawn(|| until_over(&|| short.wait(&mut [EpollEvent::empty()], 1_u8).map(drop)));
        scope.spawn(|| {
            let events = &mut [EpollEvent::empty()];
            assert_eq!(forever.wait(events, EpollTimeout::NONE), Ok(1));
        });
        assert_eq!(read(stdin, &mut [0]), Ok(0));
        is_over.store(true, Ordering::Relaxed);
    });
}

fn epoll_of_stdin() -> Epoll {
    let epoll = Epoll::new(EpollCreateFlags::empty()).expect("an instance");
    let event = EpollEvent::new(EpollFlags::EPOLLIN, 0);
    epoll.add(std::io::stdin(), event).expect("it is a pipe");
    epoll
}

fn poll_briefly(input: std::os::fd::BorrowedFd<'_>) -> Result<(), Errno> {
    poll(&mut [PollFd::new(input, PollFlags::POLLIN)], PollTimeout::from(1_u8)).map(drop)
}

fn rest_briefly() -> Result<(), Errno> {
    let (clock, flags) = (ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::empty());
    clock_nanosleep(clock, flags, &Duration::from_millis(1).into()).map(drop)
}

/// Traces the process that its standard input names, until it is killed.
#[test]
#[ignore = "is killed by another test"]
fn a_process_is_traced() {
    let name = std::io::read_to_string(std::io::stdin()).expect("the ID of a process");
    let attachment = Attachment::new(name.trim().parse().expect("a number"));
    let ended = attachment.run(&mut Seen::default());
    panic!("nobody ended it: {ended:?}");
}

#[test]
#[ignore = "gives up the rights of its process"]
fn a_process_of_another_user_is_not_traced() {
    // If this is root, init's is another user afterwards as well.
    if nix::unistd::getuid().is_root() {
        kernel::become_ordinary_user();
    }
    let error = Attachment::new(1).run(&mut Seen::default()).expect_err("it is another user's");
    assert!(
        matches!(error, TraceError::NotAttached { process: 1, reason: NotAttached::OtherUser }),
        "{error}"
    );
}
