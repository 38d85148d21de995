//! What a tracer asks of the kernel that no safe crate offers: fork, the start of the command, ptrace and wait.

use std::ffi::{CString, c_char, c_long, c_ulong};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::sys::prctl;
use nix::sys::signal::SigSet;

/// Requests of `linux/ptrace.h` that neither read nor write memory of the tracer.
#[derive(Debug, Clone, Copy)]
#[repr(u16)]
pub(super) enum Request {
    /// `PTRACE_CONT`; the data is a signal to deliver, or 0.
    Continue = 7,
    /// `PTRACE_SYSCALL`: as `Continue`, but stop before and after the next system call.
    ToCall = 24,
    /// `PTRACE_SEIZE`; the data are options.
    Seize = 0x4206,
    /// `PTRACE_INTERRUPT`: stop.
    Interrupt = 0x4207,
    /// `PTRACE_LISTEN`: stay stopped, but tell of what happens.
    Listen = 0x4208,
}

/// `struct ptrace_syscall_info` of `linux/ptrace.h` at a stop for seccomp, or before a call.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(super) struct SyscallInfo {
    pub(super) op: u8,
    reserved: u8,
    flags: u16,
    pub(super) arch: u32,
    pub(super) instruction_pointer: u64,
    stack_pointer: u64,
    pub(super) number: u64,
    pub(super) arguments: [u64; 6],
    pub(super) data: u32,
    reserved2: u32,
}

const _: () = assert!(size_of::<SyscallInfo>() == 88);

/// Enough for the general registers of any architecture.
pub(super) type Registers = [u64; 64];

/// `siginfo_t` as its words, the same number on every architecture.
pub(super) type SignalInfo = [u32; 32];

const _: () = assert!(size_of::<SignalInfo>() == size_of::<libc::siginfo_t>());

/// A list of strings as `execve` takes it: pointers, the last one null.
#[derive(Debug)]
pub(super) struct Strings {
    pointers: Vec<*const c_char>,
    /// What the pointers point to.
    _owned: Vec<CString>,
}

impl Strings {
    pub(super) fn new(owned: Vec<CString>) -> Self {
        let pointers = owned.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect();
        Self { pointers, _owned: owned }
    }
}

/// How a child becomes the command, prepared down to the last pointer: a child of fork may not allocate.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// Is readable once the child is traced, and ends if it is not to be.
    pub(super) go: BorrowedFd<'a>,
    /// The other end, which the child closes, so that there is such an end.
    pub(super) going: BorrowedFd<'a>,
    /// Where the child writes why it could not become the command.
    pub(super) failure: BorrowedFd<'a>,
    /// The signals that the command is to have blocked.
    pub(super) mask: SigSet,
    pub(super) filter: &'a [libc::sock_filter],
    /// Where the program may be, in the order of `PATH`.
    pub(super) programs: &'a [CString],
    pub(super) arguments: &'a Strings,
    pub(super) environment: &'a Strings,
}

/// What a child did when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Step {
    NoNewPrivileges,
    Filter,
    Execute,
}

/// Starts a child that waits until it is told to go, and then becomes the command. Returns its process ID.
pub(super) fn start(plan: &Plan<'_>) -> io::Result<i32> {
    // SAFETY: fork takes no arguments. In the child, where only this thread exists and a lock may be held forever, only
    // `become_command` runs: it makes system calls on what is prepared, allocates nothing, takes no lock, and never
    // returns.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => become_command(plan),
        pid => Ok(pid),
    }
}

/// Starts a child that ends once it can read a byte, or this thread ends. Returns its process ID.
pub(super) fn start_sentinel(go: BorrowedFd<'_>) -> io::Result<i32> {
    // SAFETY: fork takes no arguments. In the child, where only this thread exists and a lock may be held forever, only
    // close_range, prctl, read and _exit are called, which allocate nothing and take no lock, and the last never returns.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            close_others(go);
            let _ = prctl::set_pdeathsig(Some(nix::sys::signal::Signal::SIGKILL));
            let _ = nix::unistd::read(go, &mut [0]);
            exit()
        }
        pid => Ok(pid),
    }
}

/// Closes all descriptors but one, where the kernel can: others may wait for their end.
fn close_others(kept: BorrowedFd<'_>) {
    const NO_FLAGS: c_long = 0;
    let kept = kept.as_raw_fd().unsigned_abs();
    for (first, last) in [(0, kept.saturating_sub(1)), (kept + 1, u32::MAX)] {
        // SAFETY: close_range(2) takes numbers. What it closes is used by no other code of this process, which only waits
        // for a byte on `kept` and ends.
        unsafe { libc::syscall(libc::SYS_close_range, first, last, NO_FLAGS) };
    }
}

fn become_command(plan: &Plan<'_>) -> ! {
    let _ = nix::unistd::close(plan.going.as_raw_fd());
    let mut byte = [0];
    if nix::unistd::read(plan.go, &mut byte) != Ok(1) {
        exit();
    }
    // Rust's runtime ignores SIGPIPE, and what is ignored stays so in the command.
    default_signal(libc::SIGPIPE);
    let _ = plan.mask.thread_set_mask();
    if let Err(error) = prctl::set_no_new_privs() {
        fail(plan.failure, Step::NoNewPrivileges, error as i32);
    }
    if let Err(error) = install(plan.filter) {
        fail(plan.failure, Step::Filter, error);
    }
    let mut worst = libc::ENOENT;
    for program in plan.programs {
        let error = execute(program, plan.arguments, plan.environment);
        // A directory that has no such program says nothing about the next one.
        if error != libc::ENOENT && error != libc::ENOTDIR {
            worst = error;
        }
        if ![libc::ENOENT, libc::ENOTDIR, libc::EACCES].contains(&error) {
            break;
        }
    }
    fail(plan.failure, Step::Execute, worst)
}

fn default_signal(signal: i32) {
    // SAFETY: SIG_DFL is a valid disposition, with which no code of this program runs on the signal.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

fn fail(to: BorrowedFd<'_>, step: Step, error: i32) -> ! {
    let [a, b, c, d] = error.to_ne_bytes();
    let _ = nix::unistd::write(to, &[step as u8, a, b, c, d]);
    exit()
}

fn exit() -> ! {
    // SAFETY: _exit ends the process without running anything of it.
    unsafe { libc::_exit(127) }
}

/// seccomp(2), `SECCOMP_SET_MODE_FILTER`; the error is its number.
fn install(filter: &[libc::sock_filter]) -> Result<(), i32> {
    const SET_MODE_FILTER: c_long = 1;
    const NO_FLAGS: c_long = 0;
    let Ok(len) = u16::try_from(filter.len()) else { return Err(libc::EINVAL) };
    let program = libc::sock_fprog { len, filter: filter.as_ptr().cast_mut() };
    // SAFETY: seccomp(2) reads `len` instructions at `filter`, which are that many and live until it returns, and
    // writes to neither.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, SET_MODE_FILTER, NO_FLAGS, &raw const program) };
    if result == 0 { Ok(()) } else { Err(errno()) }
}

/// execve(2), which returns only an error.
fn execute(program: &CString, arguments: &Strings, environment: &Strings) -> i32 {
    let (arguments, environment) = (arguments.pointers.as_ptr(), environment.pointers.as_ptr());
    // SAFETY: `program` ends in a null byte. Each list is of pointers to strings that `Strings` owns, which end in a null
    // byte, with a null pointer at the end.
    unsafe { libc::execve(program.as_ptr(), arguments, environment) };
    errno()
}

/// The error of the last call, without allocating.
fn errno() -> i32 {
    nix::errno::Errno::last_raw()
}

/// Waits for the next stop or end of a child or a traced thread: its ID and its status.
pub(super) fn wait() -> io::Result<(i32, i32)> {
    wait_with(0)
}

/// A stop or end that has happened already; none if there is no other, or no thread.
pub(super) fn wait_no_longer() -> Option<(i32, i32)> {
    wait_with(libc::WNOHANG).ok().filter(|(thread, _)| *thread != 0)
}

fn wait_with(flags: i32) -> io::Result<(i32, i32)> {
    let mut status = 0;
    // SAFETY: waitpid(2) writes an int to `status`, which is one.
    let thread = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::__WNOTHREAD | flags) };
    if thread == -1 { Err(io::Error::last_os_error()) } else { Ok((thread, status)) }
}

/// Makes a request about a traced thread.
pub(super) fn control(request: Request, thread: i32, data: usize) -> io::Result<()> {
    const NO_ADDRESS: usize = 0;
    // SAFETY: none of `Request` reads or writes memory of this process; the data is a number to all of them.
    let result =
        unsafe { libc::syscall(libc::SYS_ptrace, c_long::from(request as u16), thread, NO_ADDRESS, data) };
    checked(result)
}

/// `PTRACE_GET_SYSCALL_INFO`, since Linux 5.3.
pub(super) fn syscall_info(thread: i32) -> io::Result<SyscallInfo> {
    const GET_SYSCALL_INFO: c_long = 0x420e;
    let mut info = SyscallInfo::default();
    let (size, place) = (size_of::<SyscallInfo>(), &raw mut info);
    // SAFETY: the kernel writes at most `size` bytes to `info`, which is that large and valid with any bytes.
    let result = unsafe { libc::syscall(libc::SYS_ptrace, GET_SYSCALL_INFO, thread, size, place) };
    checked(result).map(|()| info)
}

/// `PTRACE_SET_SYSCALL_INFO`, since Linux 6.16.
pub(super) fn set_syscall_info(thread: i32, info: &SyscallInfo) -> io::Result<()> {
    const SET_SYSCALL_INFO: c_long = 0x4212;
    let (size, place) = (size_of::<SyscallInfo>(), &raw const *info);
    // SAFETY: the kernel reads `size` bytes of `info`, which is that large, and writes none.
    let result = unsafe { libc::syscall(libc::SYS_ptrace, SET_SYSCALL_INFO, thread, size, place) };
    checked(result)
}

/// A set of registers, `NT_PRSTATUS` or another, and how many bytes of it the thread has.
pub(super) fn registers(thread: i32, kind: usize) -> io::Result<(Registers, usize)> {
    const GETREGSET: c_long = 0x4204;
    let mut registers: Registers = [0; 64];
    let mut vector = libc::iovec { iov_base: (&raw mut registers).cast(), iov_len: size_of::<Registers>() };
    let place = &raw mut vector;
    // SAFETY: the kernel writes at most `iov_len` bytes to `registers`, which is that large and valid with any bytes, and
    // their number to `vector`.
    let result = unsafe { libc::syscall(libc::SYS_ptrace, GETREGSET, thread, kind, place) };
    checked(result).map(|()| (registers, vector.iov_len))
}

/// Sets the first bytes of a set of registers.
pub(super) fn set_registers(
    thread: i32,
    kind: usize,
    registers: &mut Registers,
    bytes: usize,
) -> io::Result<()> {
    const SETREGSET: c_long = 0x4205;
    let bytes = bytes.min(size_of::<Registers>());
    let mut vector = libc::iovec { iov_base: (&raw mut *registers).cast(), iov_len: bytes };
    let place = &raw mut vector;
    // SAFETY: the kernel reads at most `iov_len` bytes of `registers`, which is at least that large, and writes only to
    // `vector`.
    let result = unsafe { libc::syscall(libc::SYS_ptrace, SETREGSET, thread, kind, place) };
    checked(result)
}

/// What a thread that is stopped for a signal is told about it.
pub(super) fn signal_info(thread: i32) -> io::Result<SignalInfo> {
    const GETSIGINFO: c_long = 0x4202;
    const NO_ADDRESS: usize = 0;
    let mut info: SignalInfo = [0; 32];
    let place = &raw mut info;
    // SAFETY: the kernel writes the 128 bytes of a `siginfo_t` to `info`, which is that large and valid with any bytes.
    let result = unsafe { libc::syscall(libc::SYS_ptrace, GETSIGINFO, thread, NO_ADDRESS, place) };
    checked(result).map(|()| info)
}

/// Changes what the thread is told about the signal.
pub(super) fn set_signal_info(thread: i32, info: &SignalInfo) -> io::Result<()> {
    const SETSIGINFO: c_long = 0x4203;
    const NO_ADDRESS: usize = 0;
    let place = &raw const *info;
    // SAFETY: the kernel reads the 128 bytes of a `siginfo_t` from `info`, which is that large, and writes none.
    let result = unsafe { libc::syscall(libc::SYS_ptrace, SETSIGINFO, thread, NO_ADDRESS, place) };
    checked(result)
}

/// A descriptor by which a process can be sent signals, whoever gets its ID when it is gone.
pub(super) fn process_descriptor(process: i32) -> io::Result<OwnedFd> {
    const NO_FLAGS: c_long = 0;
    // SAFETY: pidfd_open(2) takes two numbers and touches no memory.
    let result = unsafe { libc::syscall(libc::SYS_pidfd_open, process, NO_FLAGS) };
    checked(result)?;
    let descriptor = RawFd::try_from(result).map_err(io::Error::other)?;
    // SAFETY: the kernel just opened this descriptor, and nothing else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Sends a signal to a process; an error means that it is gone, or that this user may not.
pub(super) fn send(process: &OwnedFd, signal: i32) -> io::Result<()> {
    const NO_INFORMATION: usize = 0;
    const NO_FLAGS: c_ulong = 0;
    let descriptor = process.as_raw_fd();
    // SAFETY: pidfd_send_signal(2) reads no memory where the information is a null pointer.
    let result =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, descriptor, signal, NO_INFORMATION, NO_FLAGS) };
    checked(result)
}

/// Whether one of these signals is waiting, blocked, for this process.
pub(super) fn is_pending(signals: &SigSet) -> bool {
    let mut pending = SigSet::empty().as_ref().to_owned();
    // SAFETY: sigpending(2) writes a set of signals to `pending`, which is one.
    if unsafe { libc::sigpending(&raw mut pending) } != 0 {
        return false;
    }
    let is_in = |signal| {
        // SAFETY: `pending` was initialised above, and sigismember(3) only reads it.
        unsafe { libc::sigismember(&raw const pending, signal as i32) == 1 }
    };
    signals.iter().any(is_in)
}

fn checked(result: c_long) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
