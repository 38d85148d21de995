//! System calls to be made under filters: most change nothing, and what they return says whether they were made.

use std::io;

use libc::c_long;
use seccomp_runtime::Errno;

/// Any system call of this ABI.
///
/// # Safety
///
/// As of the call, if it is made.
pub(super) unsafe fn raw(number: c_long, [a, b, c, d, e, f]: [usize; 6]) -> Result<c_long, Errno> {
    // SAFETY: syscall(2) takes the number as a long and arguments of a register's size; the caller answers for the
    // call itself.
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if result == -1 { Err(last_errno()) } else { Ok(result) }
}

pub(super) fn last_errno() -> Errno {
    // Reads the C library's errno, and neither allocates nor locks.
    Errno(io::Error::last_os_error().raw_os_error().unwrap_or_default())
}

/// getppid(2), which nothing else in a child needs: the call that most policies of the tests are about.
pub fn getppid() -> Result<c_long, Errno> {
    // SAFETY: getppid(2) takes nothing and returns a number.
    unsafe { raw(libc::SYS_getppid, [0; 6]) }
}

/// gettid(2): the thread as the kernel numbers it.
pub fn gettid() -> i32 {
    // SAFETY: gettid(2) takes nothing and returns a number.
    let thread = unsafe { raw(libc::SYS_gettid, [0; 6]) }.expect("gettid cannot fail");
    thread.try_into().expect("a thread's number is an int")
}

/// socket(2) of any domain, with a type that there is not: it always fails.
pub fn socket(domain: usize) -> Result<c_long, Errno> {
    const NO_TYPE: usize = 15;
    socket_of_type(domain, NO_TYPE)
}

/// socket(2) of any domain and type.
pub fn socket_of_type(domain: usize, kind: usize) -> Result<c_long, Errno> {
    // SAFETY: socket(2) takes three numbers and touches no memory of the caller.
    unsafe { raw(libc::SYS_socket, [domain, kind, 0, 0, 0, 0]) }
}

/// mknodat(2) of no path in the current folder, with the mode of a pipe: EFAULT.
pub fn mknodat() -> Result<c_long, Errno> {
    const PIPE: usize = 0o10600;
    let here = libc::AT_FDCWD.cast_unsigned() as usize;
    // SAFETY: the path is a null pointer, which mknodat(2) answers with EFAULT; it takes nothing else by address.
    unsafe { raw(libc::SYS_mknodat, [here, 0, PIPE, 0, 0, 0]) }
}

/// A call of a number beyond those that Linux has: ENOSYS.
pub fn newer() -> Result<c_long, Errno> {
    // SAFETY: the kernel has no such call.
    unsafe { raw(4000, [0; 6]) }
}

/// ioctl(2) of any request, on no file: EBADF.
pub fn ioctl(request: usize) -> Result<c_long, Errno> {
    // SAFETY: there is no file -1, and ioctl(2) looks for it before all else; null is what it would read.
    unsafe { raw(libc::SYS_ioctl, [usize::MAX, request, 0, 0, 0, 0]) }
}

/// fchmodat(2) of no path: EFAULT.
pub fn fchmodat(mode: usize) -> Result<c_long, Errno> {
    // SAFETY: the path is a null pointer, which fchmodat(2) answers with EFAULT; it takes nothing else by address.
    unsafe { raw(libc::SYS_fchmodat, [usize::MAX, 0, mode, 0, 0, 0]) }
}

/// chmod(2) of no path: EFAULT.
#[cfg(target_arch = "x86_64")]
pub fn chmod(mode: usize) -> Result<c_long, Errno> {
    // SAFETY: the path is a null pointer, which chmod(2) answers with EFAULT; it takes nothing else by address.
    unsafe { raw(libc::SYS_chmod, [0, mode, 0, 0, 0, 0]) }
}

/// getppid(2) by its x32 number.
#[cfg(target_arch = "x86_64")]
pub fn getppid_of_x32() -> Result<c_long, Errno> {
    // SAFETY: getppid(2) takes nothing and returns a number, and on x32 has the number it has on x86_64, marked.
    unsafe { raw(0x4000_0000 | libc::SYS_getppid, [0; 6]) }
}

/// getppid(2) of i386, by `int 0x80`: what the kernel leaves in `eax`.
#[cfg(target_arch = "x86_64")]
pub fn getppid_by_int80() -> i32 {
    const GETPPID: i32 = 64;
    let result: i32;
    // SAFETY: the interrupt makes a system call of i386, of which getppid takes nothing. It returns in eax; old
    // kernels clear r8 to r11, which are declared; memory and the stack are left alone.
    unsafe {
        core::arch::asm!(
            "int 0x80",
            inlateout("eax") GETPPID => result,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
            options(nostack),
        );
    }
    result
}

/// Sends this thread a SIGSYS that comes from no filter.
pub fn raise_sigsys() {
    // SAFETY: raise(3) takes a number.
    let _sent = unsafe { libc::raise(libc::SIGSYS) };
}

/// Sends this thread a SIGSYS that looks like that of a filter which trapped getppid(2), as only the process itself can.
pub fn forge_sigsys() {
    /// `siginfo_t`, as asm-generic/siginfo.h lays it out for SIGSYS.
    #[repr(C)]
    struct Siginfo {
        signal: libc::c_int,
        errno: libc::c_int,
        code: libc::c_int,
        address: usize,
        number: libc::c_int,
        arch: u32,
        rest: [usize; 16],
    }
    const SYS_SECCOMP: libc::c_int = 1;
    let number = libc::c_int::try_from(libc::SYS_getppid).expect("a number is small");
    let arch = native_audit();
    let info = Siginfo {
        signal: libc::SIGSYS,
        errno: 0,
        code: SYS_SECCOMP,
        address: 0,
        number,
        arch,
        rest: [0; 16],
    };
    let thread = usize::try_from(gettid()).expect("a thread has a positive number");
    let process = std::process::id() as usize;
    let arguments = [process, thread, libc::SIGSYS as usize, (&raw const info).addr(), 0, 0];
    // SAFETY: rt_tgsigqueueinfo(2) reads the 128 bytes of a `siginfo_t`, and the live local is longer.
    let _sent = unsafe { raw(libc::SYS_rt_tgsigqueueinfo, arguments) };
}

fn native_audit() -> u32 {
    seccomp_compiler::Architecture::host().expect("tests run where filters are").audit()
}

/// time(2) by the page of old C libraries, whose calls the kernel emulates.
#[cfg(target_arch = "x86_64")]
pub fn time_by_vsyscall() -> c_long {
    const TIME: usize = 0xffff_ffff_ff60_0400;
    // SAFETY: the caller has seen that the page is mapped; at this address it has a function of C that takes a pointer,
    // to which it writes nothing if that is null, and returns a long.
    let time = unsafe { std::mem::transmute::<usize, extern "C" fn(*mut c_long) -> c_long>(TIME) };
    time(std::ptr::null_mut())
}

/// Gives up root for an ordinary user without capabilities, for the whole process; does nothing where there is no
/// root to give up.
pub fn become_ordinary_user() {
    const NOBODY: libc::id_t = 65534;
    // SAFETY: geteuid(2) takes nothing and cannot fail.
    if unsafe { libc::geteuid() } == 0 {
        // SAFETY: setgroups(2) reads as many group numbers as its first argument says: none.
        let groups = unsafe { libc::setgroups(0, std::ptr::null()) };
        // SAFETY: setresgid(2) takes three numbers.
        let group = unsafe { libc::setresgid(NOBODY, NOBODY, NOBODY) };
        // SAFETY: setresuid(2) takes three numbers.
        let user = unsafe { libc::setresuid(NOBODY, NOBODY, NOBODY) };
        assert_eq!((groups, group, user), (0, 0, 0), "{}", io::Error::last_os_error());
    }
}
