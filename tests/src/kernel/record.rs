//! Records which system calls a program makes, by asking the kernel to ask first.
//!
//! A thread puts itself under a filter that answers `user_notif` to everything, and starts the program, which inherits
//! it. The thread that called hears of each call and has it go on. A filter of the program's own that refuses a call is
//! the stricter one, and counts: what is recorded are the calls that it allows.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::thread;

use libc::c_int;
use seccomp_compiler::Verdict;

use super::call::raw;
use super::install::{KEY, loadable, set_no_new_privs};
use crate::programs;

/// What a program did.
#[derive(Debug)]
pub struct Recorded {
    /// How it ended and what it printed.
    pub output: Output,
    /// The numbers of the calls that it and its children made after the first filter that it installed.
    pub calls: BTreeSet<u32>,
}

/// How long a program may make no call. One that does has hung: no load of the machine holds one up for so long.
const IDLE_MS: c_int = 600_000;

/// Numbers from here on are no ordinary calls.
const NUMBERS: usize = 1024;

/// Runs `command` to its end.
///
/// # Panics
///
/// If the kernel lets nobody listen (another listener is there already), or the program cannot be started.
pub fn recorded(mut command: Command) -> Recorded {
    let listener = AtomicI32::new(0);
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            // Descriptors belong to the process, so the other thread can use it.
            listener.store(listen().unwrap_or(-1), SeqCst);
            command.output()
        });
        while listener.load(SeqCst) == 0 {
            thread::yield_now();
        }
        let listener = listener.load(SeqCst);
        assert!(listener > 0, "no listener can be installed: is there one already?");
        // SAFETY: the descriptor is new, and this thread its only owner.
        let listener = unsafe { OwnedFd::from_raw_fd(listener) };
        let seen = let_all_pass(&listener);
        // Whoever still waits is answered when nobody listens any more.
        drop(listener);
        let output = worker.join().expect("the worker does not panic").expect("the program can be started");
        let calls = (0..).zip(seen).filter_map(|(number, seen)| seen.then_some(number)).collect();
        Recorded { output, calls }
    })
}

/// Puts this thread under a filter that asks of everything.
fn listen() -> Result<RawFd, seccomp_runtime::Errno> {
    set_no_new_privs()?;
    let program = loadable(&programs::always(Verdict::UserNotif));
    let fprog = libc::sock_fprog { len: 1, filter: program.as_ptr().cast_mut() };
    let flags = usize::try_from(libc::SECCOMP_FILTER_FLAG_NEW_LISTENER).expect("a flag is in the low bits");
    let arguments =
        [libc::SECCOMP_SET_MODE_FILTER as usize, flags, (&raw const fprog).addr(), 0, 0, KEY as usize];
    // SAFETY: as in `set_filter`; the program is one instruction long, as its length says.
    let descriptor = unsafe { raw(libc::SYS_seccomp, arguments) }?;
    Ok(descriptor.try_into().expect("a descriptor is an int"))
}

/// Has every call go on until nobody is left who could make one. It must not allocate: a thread that waits for its
/// answer may hold the allocator's lock.
fn let_all_pass(listener: &OwnedFd) -> [bool; NUMBERS] {
    let mut seen = [false; NUMBERS];
    let mut starter = None;
    let mut counts = false;
    while has_more(listener) {
        let Some(call) = receive(listener) else { continue };
        let (task, number) = (call.pid, call.data.nr);
        // The first to make a call is the thread that starts the program.
        if task != *starter.get_or_insert(task) {
            let slot = usize::try_from(number).ok().and_then(|number| seen.get_mut(number));
            if let Some(slot) = slot.filter(|_| counts) {
                *slot = true;
            }
            counts |= libc::c_long::from(number) == libc::SYS_seccomp;
        }
        go_on(listener, call.id);
    }
    seen
}

fn has_more(listener: &OwnedFd) -> bool {
    let mut entry = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: poll(2) reads and writes as many entries as its second argument says: the one live local.
    let ready = unsafe { libc::poll(&raw mut entry, 1, IDLE_MS) };
    let interrupted = ready == -1 && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
    interrupted || ready == 1 && entry.revents & libc::POLLIN != 0
}

/// None where who made the call has gone meanwhile.
fn receive(listener: &OwnedFd) -> Option<libc::seccomp_notif> {
    // SAFETY: all zeroes is a value of this type, which has numbers only, and what the kernel asks for.
    let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: this ioctl(2) writes one `seccomp_notif`, the live local.
    let result = unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut call) };
    (result == 0).then_some(call)
}

fn go_on(listener: &OwnedFd, id: u64) {
    let flags = u32::try_from(libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE).unwrap_or_default();
    let mut answer = libc::seccomp_notif_resp { id, val: 0, error: 0, flags };
    // SAFETY: this ioctl(2) reads one `seccomp_notif_resp`, the live local. Who made the call may be gone, which is
    // an error that changes nothing.
    let _gone = unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut answer) };
}
