//! Installing a filter.

use core::mem::{align_of, offset_of};

use super::process::errno;
use crate::errno::Errno;
use crate::filter::Instruction;

const _: () = {
    assert!(size_of::<Instruction>() == size_of::<libc::sock_filter>());
    assert!(align_of::<Instruction>() == align_of::<libc::sock_filter>());
    assert!(offset_of!(Instruction, code) == offset_of!(libc::sock_filter, code));
    assert!(offset_of!(Instruction, jt) == offset_of!(libc::sock_filter, jt));
    assert!(offset_of!(Instruction, jf) == offset_of!(libc::sock_filter, jf));
    assert!(offset_of!(Instruction, k) == offset_of!(libc::sock_filter, k));
};

/// prctl(2), `PR_SET_NO_NEW_PRIVS`, for this thread; `tsync` sets it for the others.
#[inline]
pub(crate) fn set_no_new_privs() -> Result<(), Errno> {
    const YES: libc::c_ulong = 1;
    const UNUSED: libc::c_ulong = 0;
    // SAFETY: prctl(2) reads no memory for this option, which is an int; its other four arguments are passed by
    // value as the unsigned longs that the manual page asks for, the last three zero as it demands.
    let result =
        unsafe { libc::syscall(libc::SYS_prctl, libc::PR_SET_NO_NEW_PRIVS, YES, UNUSED, UNUSED, UNUSED) };
    if result == 0 { Ok(()) } else { Err(errno()) }
}

/// seccomp(2), `SECCOMP_SET_MODE_FILTER`: 0, or with `tsync` a thread that cannot be synchronised.
#[inline]
pub(crate) fn set_filter(program: &'static [Instruction], flags: u32) -> Result<i32, Errno> {
    seccomp(flags, Some(program))
}

/// Whether the kernel has filters, knows these flags, and answers for itself: then it fails with EFAULT when it reads
/// the program at a null pointer, the way to detect flags that seccomp(2) documents. The error is what else was
/// answered: another error, or `None` for success.
#[inline(always)]
pub(crate) fn probe(flags: u32) -> Result<(), Option<Errno>> {
    match seccomp(flags, None) {
        Err(Errno(libc::EFAULT)) => Ok(()),
        answer => Err(answer.err()),
    }
}

/// Whether a filter is on this thread.
#[inline(always)]
pub(crate) fn is_filtered() -> bool {
    const FILTERED: libc::c_long = 2;
    const UNUSED: libc::c_ulong = 0;
    // SAFETY: prctl(2) takes no other argument for this option, and touches no memory.
    let mode =
        unsafe { libc::syscall(libc::SYS_prctl, libc::PR_GET_SECCOMP, UNUSED, UNUSED, UNUSED, UNUSED) };
    mode == FILTERED
}

#[inline(always)]
fn seccomp(flags: u32, program: Option<&'static [Instruction]>) -> Result<i32, Errno> {
    let instructions = program.unwrap_or_default();
    let Ok(len) = libc::c_ushort::try_from(instructions.len()) else { return Err(Errno(libc::EINVAL)) };
    let filter = instructions.as_ptr().cast::<libc::sock_filter>().cast_mut();
    let fprog = libc::sock_fprog { len, filter };
    let fprog = if program.is_some() { &raw const fprog } else { core::ptr::null() };
    // SAFETY: seccomp(2) with SECCOMP_SET_MODE_FILTER reads one `struct sock_fprog` behind its third argument and
    // the `len` instructions behind the pointer in it, writes nothing, and keeps neither after it returns. The
    // argument is null, which the kernel answers with EFAULT, or points to a local that outlives the call and
    // points to a 'static slice of that length, laid out as asserted above. The flags are an unsigned int, passed
    // as the register that syscall(2) takes.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::c_ulong::from(libc::SECCOMP_SET_MODE_FILTER),
            libc::c_ulong::from(flags),
            fprog,
        )
    };
    match i32::try_from(result) {
        Ok(result) if result >= 0 => Ok(result),
        _ => Err(errno()),
    }
}
