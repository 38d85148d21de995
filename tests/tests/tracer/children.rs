//! What the traced commands do, each a test of its own that passes without a tracer as well.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, close, dup, getppid};
use seccomp_tests::kernel;

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
