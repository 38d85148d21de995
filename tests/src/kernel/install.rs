//! Filters that are put in place without the runtime.

use std::io;
use std::process::Command;

use libc::c_ulong;
use seccomp_compiler::Instruction;
use seccomp_runtime::Errno;

use super::call::{last_errno, raw};

/// Marks a seccomp(2) of the harness in its sixth argument, which the kernel ignores.
pub(super) const KEY: u32 = 0x5ecc_03b5;

/// Installs a program of the harness's own on this thread, after no_new_privs.
///
/// # Errors
///
/// That of prctl(2) or seccomp(2).
pub fn install(program: &[Instruction]) -> Result<(), Errno> {
    set_no_new_privs()?;
    set_filter(&loadable(program))
}

/// Has a command install `program` between its fork and its exec, so that it starts under it.
pub fn start_under<'a>(program: &[Instruction], command: &'a mut Command) -> &'a mut Command {
    use std::os::unix::process::CommandExt as _;

    let program = loadable(program);
    let install = move || {
        set_no_new_privs()
            .and_then(|()| set_filter(&program))
            .map_err(|Errno(n)| io::Error::from_raw_os_error(n))
    };
    // SAFETY: between fork and exec the closure makes two system calls and reads its own copy of a vector: it takes
    // no lock and allocates nothing.
    unsafe { command.pre_exec(install) }
}

pub(super) fn loadable(program: &[Instruction]) -> Vec<libc::sock_filter> {
    program.iter().map(|&Instruction { code, jt, jf, k }| libc::sock_filter { code, jt, jf, k }).collect()
}

pub(super) fn set_no_new_privs() -> Result<(), Errno> {
    const YES: c_ulong = 1;
    const UNUSED: c_ulong = 0;
    // SAFETY: prctl(2) reads no memory for this option; its arguments are passed by value, as unsigned longs.
    let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, YES, UNUSED, UNUSED, UNUSED) };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

pub(super) fn set_filter(program: &[libc::sock_filter]) -> Result<(), Errno> {
    let len = program.len().try_into().map_err(|_| Errno(libc::EINVAL))?;
    let fprog = libc::sock_fprog { len, filter: program.as_ptr().cast_mut() };
    let arguments =
        [libc::SECCOMP_SET_MODE_FILTER as usize, 0, (&raw const fprog).addr(), 0, 0, KEY as usize];
    // SAFETY: seccomp(2) reads the `sock_fprog` behind its third argument, a live local, and as many instructions
    // behind the pointer in it as the slice has; it writes nothing and keeps neither.
    unsafe { raw(libc::SYS_seccomp, arguments) }.map(|_| ())
}
