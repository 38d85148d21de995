//! What a process does for itself: it writes a line, exits, and looks at its errno.

/// The descriptor of standard error.
pub(crate) const STANDARD_ERROR: i32 = 2;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::*;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use other::*;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use crate::errno::Errno;

    /// Writes a line to a descriptor in one piece. Errors are ignored: there is nowhere to report them.
    #[inline(always)]
    pub(crate) fn write_line(descriptor: i32, parts: [&[u8]; 4]) {
        let vectors = parts.map(|part| libc::iovec {
            iov_base: part.as_ptr().cast_mut().cast::<libc::c_void>(),
            iov_len: part.len(),
        });
        // SAFETY: writev(2) reads 4 structures at `vectors.as_ptr()`, a local array of that length, and for each
        // `iov_len` bytes at `iov_base`, which the slice that both are from guarantees to be live and initialised for
        // the length of the call; it writes to none of them and keeps no pointer.
        let _written = unsafe { libc::writev(descriptor, vectors.as_ptr(), 4) };
    }

    /// Writes to a descriptor. Errors are ignored: there is nowhere to report them.
    ///
    /// The C library's `write` is a cancellation point: a cancelled thread would leave the signal handler there.
    #[cfg(feature = "report")]
    pub(crate) fn write(descriptor: i32, bytes: &[u8]) {
        // SAFETY: write(2) reads `bytes.len()` bytes at `bytes.as_ptr()`, which the slice guarantees to be live and
        // initialised for the length of the call, and keeps no pointer; the arguments have the size of registers, or
        // for the descriptor that of the int that the kernel reads.
        let _written = unsafe { libc::syscall(libc::SYS_write, descriptor, bytes.as_ptr(), bytes.len()) };
    }

    /// Ends the process at once: exit handlers must not run when some threads may be filtered.
    #[inline(always)]
    pub(crate) fn exit(status: i32) -> ! {
        // SAFETY: exit_group(2) takes its status by value, as the int that the kernel reads, and touches no memory.
        let _refused = unsafe { libc::syscall(libc::SYS_exit_group, status) };
        // SAFETY: abort(3) takes nothing and does not return.
        unsafe { libc::abort() }
    }

    /// The calling thread, as gettid(2) numbers it.
    #[cfg(feature = "report")]
    pub(crate) fn thread() -> i32 {
        // SAFETY: gettid(2) takes nothing, touches no memory and cannot fail.
        let thread = unsafe { libc::syscall(libc::SYS_gettid) };
        i32::try_from(thread).unwrap_or_default()
    }

    #[inline(always)]
    pub(crate) fn errno() -> Errno {
        let location = errno_location();
        // SAFETY: the address is that of an aligned, initialised int that lives as long as the thread, and nothing else
        // accesses it during this read, as it belongs to this thread alone.
        Errno(unsafe { *location })
    }

    #[cfg(feature = "report")]
    pub(crate) fn set_errno(errno: Errno) {
        let location = errno_location();
        // SAFETY: the address is that of an aligned int that lives as long as the thread; nothing else accesses it
        // during this write, as it belongs to this thread alone, which is here.
        unsafe { *location = errno.0 };
    }

    #[inline]
    fn errno_location() -> *mut libc::c_int {
        #[cfg(target_os = "android")]
        use libc::__errno as location;
        #[cfg(target_os = "linux")]
        use libc::__errno_location as location;
        // SAFETY: the function takes nothing and returns the address of the calling thread's errno; it cannot fail.
        unsafe { location() }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod other {
    #[cfg(unix)]
    pub(crate) fn write_line(descriptor: i32, parts: [&[u8]; 4]) {
        for part in parts {
            // SAFETY: write(2) reads `part.len()` bytes at `part.as_ptr()`, which the slice guarantees to be live and
            // initialised for the length of the call, and keeps no pointer.
            let _written =
                unsafe { libc::write(descriptor, part.as_ptr().cast::<libc::c_void>(), part.len()) };
        }
    }

    #[cfg(unix)]
    pub(crate) fn exit(status: i32) -> ! {
        // SAFETY: _exit(2) takes its status by value and does not return.
        unsafe { libc::_exit(status) }
    }

    #[cfg(not(unix))]
    pub(crate) fn write_line(_: i32, _: [&[u8]; 4]) {}

    /// Without a C library, a program can only panic.
    #[cfg(not(unix))]
    pub(crate) fn exit(_: i32) -> ! {
        panic!("the seccomp filter of this program cannot be installed: this system has none")
    }
}
