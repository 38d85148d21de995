//! The system calls, and the only `unsafe` that ships. Each block is one operation, with its proof.
#![cfg_attr(unix, expect(unsafe_code, reason = "system calls are foreign functions"))]

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::{knows_flags, set_filter, set_no_new_privs};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use other::{knows_flags, set_filter, set_no_new_privs};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use core::mem::{align_of, offset_of, size_of};

    use crate::error::Errno;
    use crate::filter::Instruction;

    const _: () = {
        assert!(size_of::<Instruction>() == size_of::<libc::sock_filter>());
        assert!(align_of::<Instruction>() == align_of::<libc::sock_filter>());
        assert!(offset_of!(Instruction, code) == offset_of!(libc::sock_filter, code));
        assert!(offset_of!(Instruction, jt) == offset_of!(libc::sock_filter, jt));
        assert!(offset_of!(Instruction, jf) == offset_of!(libc::sock_filter, jf));
        assert!(offset_of!(Instruction, k) == offset_of!(libc::sock_filter, k));
    };

    /// prctl(2), `PR_SET_NO_NEW_PRIVS`: it stays set for this thread, and is set for others by `tsync`.
    pub(crate) fn set_no_new_privs() -> Result<(), Errno> {
        const YES: libc::c_ulong = 1;
        const UNUSED: libc::c_ulong = 0;
        // SAFETY: prctl(2) reads no memory for this option; its five arguments are passed by value as the unsigned
        // longs that the manual page asks for, the last three zero as it demands.
        let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, YES, UNUSED, UNUSED, UNUSED) };
        if result == 0 { Ok(()) } else { Err(errno()) }
    }

    /// seccomp(2), `SECCOMP_SET_MODE_FILTER`: 0, or with `tsync` a thread that could not be brought along.
    pub(crate) fn set_filter(program: &'static [Instruction], flags: u32) -> Result<i32, Errno> {
        let Ok(len) = libc::c_ushort::try_from(program.len()) else { return Err(Errno(libc::EINVAL)) };
        let fprog = libc::sock_fprog { len, filter: program.as_ptr().cast::<libc::sock_filter>().cast_mut() };
        seccomp(flags, &raw const fprog)
    }

    /// Whether the kernel has filters and knows these flags: with no program to read it gets as far as EFAULT, as
    /// seccomp(2) says of detecting flags. Out of line: it is asked only when installing failed.
    #[cold]
    #[inline(never)]
    pub(crate) fn knows_flags(flags: u32) -> bool {
        seccomp(flags, core::ptr::null()) == Err(Errno(libc::EFAULT))
    }

    /// `fprog` is null, or points to a live `sock_fprog` whose `filter` points to `len` live instructions.
    fn seccomp(flags: u32, fprog: *const libc::sock_fprog) -> Result<i32, Errno> {
        // SAFETY: seccomp(2) with SECCOMP_SET_MODE_FILTER reads one `struct sock_fprog` behind its third argument and
        // the `len` instructions behind the pointer in it, writes nothing, and keeps neither after it returns. Both
        // callers are in this module: one passes null, which the kernel answers with EFAULT; the other a local that
        // outlives the call and points to a 'static slice of that length, laid out as asserted above. The flags are
        // an unsigned int, passed as the register that syscall(2) takes.
        let result = unsafe {
            libc::syscall(
                libc::SYS_seccomp,
                libc::SECCOMP_SET_MODE_FILTER as libc::c_ulong,
                flags as libc::c_ulong,
                fprog,
            )
        };
        i32::try_from(result).ok().filter(|result| *result >= 0).ok_or_else(errno)
    }

    fn errno() -> Errno {
        #[cfg(target_os = "android")]
        use libc::__errno as location;
        #[cfg(target_os = "linux")]
        use libc::__errno_location as location;
        // SAFETY: the function takes nothing and returns the address of the calling thread's errno; it cannot fail.
        let location = unsafe { location() };
        // SAFETY: the address is that of an aligned, initialised int that lives as long as the thread, and nothing
        // else accesses it during this read, as it belongs to this thread alone.
        Errno(unsafe { *location })
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod other {
    use crate::error::Errno;
    use crate::filter::Instruction;

    // The error never reaches the user: `InstallError::from_seccomp` makes `Unsupported` of it here.
    const UNSUPPORTED: Errno = Errno(0);

    pub(crate) fn set_no_new_privs() -> Result<(), Errno> {
        Ok(())
    }

    pub(crate) fn set_filter(_: &'static [Instruction], _: u32) -> Result<i32, Errno> {
        Err(UNSUPPORTED)
    }

    pub(crate) fn knows_flags(_: u32) -> bool {
        false
    }
}

/// Writes to standard error; what does not go out is lost, as there is nowhere else to say so.
#[cfg(unix)]
pub(crate) fn write_to_stderr(bytes: &[u8]) {
    // SAFETY: write(2) reads `bytes.len()` bytes at `bytes.as_ptr()`, which the slice guarantees to be live and
    // initialised for the length of the call, and keeps no pointer.
    let _written =
        unsafe { libc::write(libc::STDERR_FILENO, bytes.as_ptr().cast::<libc::c_void>(), bytes.len()) };
}

/// Ends the process with status 1 at once: a filter that is half in place must not see exit handlers run.
#[cfg(unix)]
pub(crate) fn exit() -> ! {
    // SAFETY: _exit(2) takes its status by value and does not return.
    unsafe { libc::_exit(1) }
}

#[cfg(not(unix))]
pub(crate) fn write_to_stderr(_: &[u8]) {}

/// Without a C library to ask, a panic is how a program ends.
#[cfg(not(unix))]
pub(crate) fn exit() -> ! {
    panic!("the seccomp filter of this program cannot be installed: this system has none")
}
