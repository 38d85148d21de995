//! Signals that come all the time.

use std::io;

/// Has SIGALRM interrupt this process every half millisecond, and every call that can be.
pub fn interrupt_often() {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: all zeroes is a value of `sigaction`, which has numbers, a set of bits and an optional pointer.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = nothing as *const () as usize;
    // SAFETY: sigaction(2) reads the live local and, with a null pointer, writes nothing. The handler does nothing.
    let caught = unsafe { libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut()) };
    assert_eq!(caught, 0, "sigaction: {}", io::Error::last_os_error());
    let often = libc::timeval { tv_sec: 0, tv_usec: 500 };
    let timer = libc::itimerval { it_interval: often, it_value: often };
    // SAFETY: setitimer(2) reads the live local and, with a null pointer, writes nothing.
    let started = unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) };
    assert_eq!(started, 0, "setitimer: {}", io::Error::last_os_error());
}
