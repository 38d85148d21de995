//! Runs code in child processes under real filters. The only `unsafe` of the tests is here.
//!
//! A filter cannot be taken back, so each claim gets a child of its own: [`passes`] for one that must come through,
//! [`dies_of_sigsys`] for one that must not. What a child asserts, it asserts as any test does; its panic message
//! reaches the test through shared memory, which needs no system call.
#![expect(unsafe_code, reason = "fork, seccomp and raw system calls are foreign functions")]

pub mod record;

use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Once, OnceLock};
use std::time::{Duration, Instant};

use libc::{c_int, c_long, c_ulong};
use seccomp_compiler::{Instruction, Verdict};
use seccomp_runtime::Errno;

use crate::programs::{self, answering_all_but};

/// How long a child may take. Children take milliseconds; one that hangs has failed.
const LIMIT: Duration = Duration::from_secs(20);

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this status: 0, or 1 after a panic.
    Exited(i32),
    /// By this signal.
    Killed(i32),
    /// It did not; the harness killed it.
    TimedOut,
}

/// Runs `body` in a child that must come through it.
#[track_caller]
pub fn passes(body: impl FnOnce()) {
    let (ended, panic) = in_child(body);
    assert_eq!(ended, Ended::Exited(0), "{panic}");
}

/// Runs `body` in a child that the kernel must kill for a call it makes.
#[track_caller]
pub fn dies_of_sigsys(body: impl FnOnce()) {
    let (ended, panic) = in_child(body);
    assert_eq!(ended, Ended::Killed(libc::SIGSYS), "{panic}");
}

/// Where this process tells of its panics, if it is a child.
static MESSAGE: OnceLock<&[AtomicU32]> = OnceLock::new();

/// Has panics of children told through shared memory. Once and before the first fork, as setting a hook waits for
/// threads that are just panicking, of which a child has none to wait for.
fn report_panics_of_children() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| match MESSAGE.get() {
            Some(message) => write_text(message, &panic.to_string()),
            None => usual(panic),
        }));
    });
}

/// Runs `body` in a child process; how that ended, and its first panic's message.
pub fn in_child(body: impl FnOnce()) -> (Ended, String) {
    report_panics_of_children();
    let message = shared(256);
    // SAFETY: fork(2) takes nothing and copies this process with its memory, so that parent and child each own their
    // copy of `body`; only the child runs it, and leaves by _exit(2) without going back up the stack they had in
    // common. A lock that another thread holds at this moment stays held in the child; that can make the child hang,
    // which `wait` ends, but breaks no memory.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => panic!("fork: {}", io::Error::last_os_error()),
        0 => run(body, message),
        _ => (wait(pid), read_text(message)),
    }
}

fn run(body: impl FnOnce(), message: &'static [AtomicU32]) -> ! {
    no_core();
    let _first = MESSAGE.set(message);
    let status = i32::from(catch_unwind(AssertUnwindSafe(body)).is_err());
    // SAFETY: _exit(2) takes its status by value and does not return.
    unsafe { libc::_exit(status) }
}

/// Has this process leave no core file when it dies.
pub fn no_core() {
    let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: setrlimit(2) reads one `struct rlimit` behind its pointer, which is that of a live local.
    let _limited = unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core) };
}

/// Sends this thread a SIGSYS that comes from no filter.
pub fn raise_sigsys() {
    // SAFETY: raise(3) takes a number.
    let _sent = unsafe { libc::raise(libc::SIGSYS) };
}

fn wait(pid: libc::pid_t) -> Ended {
    let deadline = Instant::now() + LIMIT;
    let mut pause = Duration::from_micros(50);
    loop {
        let mut status = 0;
        let options = if Instant::now() < deadline { libc::WNOHANG } else { 0 };
        if options == 0 {
            // SAFETY: kill(2) takes two numbers. `pid` is a child of ours that was not waited for, so the number is
            // still its own.
            let _killed = unsafe { libc::kill(pid, libc::SIGKILL) };
        }
        // SAFETY: waitpid(2) writes one int behind its pointer, which is that of a live local.
        let waited = unsafe { libc::waitpid(pid, &raw mut status, options) };
        match waited {
            0 => std::thread::sleep(pause),
            _ if waited != pid => panic!("waitpid: {}", io::Error::last_os_error()),
            _ if options == 0 => return Ended::TimedOut,
            _ if libc::WIFEXITED(status) => return Ended::Exited(libc::WEXITSTATUS(status)),
            _ => return Ended::Killed(libc::WTERMSIG(status)),
        }
        pause = (pause * 2).min(Duration::from_millis(2));
    }
}

/// Zeroed words that this process shares with the children it forks from now on. They stay until it ends.
pub fn shared(words: usize) -> &'static [AtomicU32] {
    let bytes = words * size_of::<AtomicU32>();
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    // SAFETY: mmap(2) without an address and without a file makes new memory where there is none, and touches no
    // other.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
    assert_ne!(memory, libc::MAP_FAILED, "mmap: {}", io::Error::last_os_error());
    // SAFETY: the memory is `words` times as large as an `AtomicU32`, aligned to a page, zeroed, which is a value of
    // that type, and never unmapped. Nothing else points into it, and other processes share it as this slice does:
    // by atomic operations alone.
    unsafe { std::slice::from_raw_parts(memory.cast::<AtomicU32>(), words) }
}

/// Writes the first of several texts, four bytes a word.
fn write_text(words: &[AtomicU32], text: &str) {
    if words[0].load(SeqCst) == 0 {
        for (word, bytes) in words.iter().zip(text.as_bytes().chunks(4)) {
            let mut whole = [0; 4];
            whole[..bytes.len()].copy_from_slice(bytes);
            word.store(u32::from_ne_bytes(whole), SeqCst);
        }
    }
}

fn read_text(words: &[AtomicU32]) -> String {
    let bytes = words.iter().flat_map(|word| word.load(SeqCst).to_ne_bytes()).take_while(|byte| *byte != 0);
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

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

fn loadable(program: &[Instruction]) -> Vec<libc::sock_filter> {
    program.iter().map(|&Instruction { code, jt, jf, k }| libc::sock_filter { code, jt, jf, k }).collect()
}

fn set_no_new_privs() -> Result<(), Errno> {
    const YES: c_ulong = 1;
    const UNUSED: c_ulong = 0;
    // SAFETY: prctl(2) reads no memory for this option; its arguments are passed by value, as unsigned longs.
    let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, YES, UNUSED, UNUSED, UNUSED) };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

fn set_filter(program: &[libc::sock_filter]) -> Result<(), Errno> {
    let len = program.len().try_into().map_err(|_| Errno(libc::EINVAL))?;
    let fprog = libc::sock_fprog { len, filter: program.as_ptr().cast_mut() };
    let arguments =
        [libc::SECCOMP_SET_MODE_FILTER as usize, 0, (&raw const fprog).addr(), 0, 0, KEY as usize];
    // SAFETY: seccomp(2) reads the `sock_fprog` behind its third argument, a live local, and as many instructions
    // behind the pointer in it as the slice has; it writes nothing and keeps neither.
    unsafe { raw(libc::SYS_seccomp, arguments) }.map(|_| ())
}

/// Any system call of this ABI.
///
/// # Safety
///
/// As of the call, if it is made.
unsafe fn raw(number: c_long, [a, b, c, d, e, f]: [usize; 6]) -> Result<c_long, Errno> {
    // SAFETY: syscall(2) takes the number as a long and arguments of a register's size; the caller answers for the
    // call itself.
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if result == -1 { Err(last_errno()) } else { Ok(result) }
}

fn last_errno() -> Errno {
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
    // SAFETY: socket(2) takes three numbers and touches no memory of the caller.
    unsafe { raw(libc::SYS_socket, [domain, NO_TYPE, 0, 0, 0, 0]) }
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

/// What a SIGSYS told of the call that it was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sigsys {
    /// `si_code`: 1, `SYS_SECCOMP`.
    pub code: u32,
    /// `si_errno`: the data of `trap`.
    pub errno: u32,
    /// `si_syscall`: the call's number.
    pub syscall: u32,
    /// `si_arch`: the audit value of its ABI.
    pub arch: u32,
    /// Whether `si_call_addr` points anywhere.
    pub has_address: bool,
}

/// `siginfo_t` of a SIGSYS, as asm-generic/siginfo.h lays it out.
#[repr(C)]
struct Siginfo {
    _head: [c_int; 3],
    call_addr: *const libc::c_void,
    syscall: c_int,
    arch: u32,
}
const _: () = assert!(size_of::<Siginfo>() <= size_of::<libc::siginfo_t>());
const _: () = assert!(align_of::<Siginfo>() <= align_of::<libc::siginfo_t>());

/// Where the handler writes to.
static SIGSYS: OnceLock<SigsysRecord> = OnceLock::new();

/// A place for one [`Sigsys`], shared with children.
#[derive(Debug, Clone, Copy)]
pub struct SigsysRecord {
    words: &'static [AtomicU32],
    /// Whether the handler ends the process, as where rt_sigreturn(2) is refused it could not return.
    fatal: bool,
}

impl SigsysRecord {
    /// A place where nothing is recorded yet, and what the handler does then: end the process, or return to where
    /// the call was made.
    pub fn new(fatal: bool) -> Self {
        Self { words: shared(6), fatal }
    }

    /// Records the SIGSYS signals of this process from now on.
    ///
    /// # Panics
    ///
    /// If the process has such a place already, or the kernel refuses.
    pub fn catch(self) {
        assert!(SIGSYS.set(self).is_ok(), "a child records in one place");
        // SAFETY: all zeroes is a value of `sigaction`, which has numbers, a set of bits and an optional pointer.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_flags = libc::SA_SIGINFO;
        action.sa_sigaction = on_sigsys as *const () as usize;
        // SAFETY: sigaction(2) reads the live local and, with a null pointer, writes nothing. The handler is a function
        // of the type that SA_SIGINFO asks for, and does nothing that a handler must not.
        let result = unsafe { libc::sigaction(libc::SIGSYS, &raw const action, std::ptr::null_mut()) };
        assert_eq!(result, 0, "sigaction: {}", io::Error::last_os_error());
    }

    /// Takes what was recorded last.
    pub fn take(&self) -> Option<Sigsys> {
        let word = |at: usize| self.words[at].load(SeqCst);
        (self.words[0].swap(0, SeqCst) == 1).then(|| Sigsys {
            code: word(1),
            errno: word(2),
            syscall: word(3),
            arch: word(4),
            has_address: word(5) != 0,
        })
    }
}

extern "C" fn on_sigsys(_: c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    let Some(record) = SIGSYS.get() else { return };
    // SAFETY: the kernel passes a handler with SA_SIGINFO a whole `siginfo_t`, which nothing else uses meanwhile.
    let general = unsafe { &*info };
    // SAFETY: as above; for SIGSYS the kernel fills in the fields of `Siginfo`, a prefix of the union by the layout
    // asserted above, and all of them are numbers or a pointer that is not followed.
    let special = unsafe { &*info.cast::<Siginfo>() };
    let facts = [
        general.si_code.cast_unsigned(),
        general.si_errno.cast_unsigned(),
        special.syscall.cast_unsigned(),
        special.arch,
        u32::from(!special.call_addr.is_null()),
    ];
    for (word, fact) in record.words[1..].iter().zip(facts) {
        word.store(fact, SeqCst);
    }
    record.words[0].store(1, SeqCst);
    if record.fatal {
        std::process::abort();
    }
}

/// The answer of the wall: an error that no kernel gives.
pub const WALL: u16 = 0x123;

/// Marks a seccomp(2) of the harness in its sixth argument, which the kernel ignores.
const KEY: u32 = 0x5ecc_03b5;

/// Numbers that the kernel exempts from every filter: uretprobe and uprobe, whose calls the kernel itself puts into
/// programs.
pub const EXEMPT: &[u32] = if cfg!(target_arch = "x86_64") { &[335, 336] } else { &[] };

/// A thread whose calls the kernel answers, but makes no longer. Below its program lies a filter that answers [`WALL`]
/// to everything: of equal actions that of the newest filter counts, so any other answer is the program's own, and
/// a program that lets a call pass lets it run into the wall.
#[derive(Debug)]
pub struct Walled {
    /// Filters are a thread's own: this must not be sent.
    here: PhantomData<*const ()>,
}

impl Walled {
    /// Walls this thread in, for good, with `program` as the newest filter.
    ///
    /// # Errors
    ///
    /// That of prctl(2) or seccomp(2).
    pub fn new(program: &[Instruction]) -> Result<Self, Errno> {
        let program = loadable(program);
        install(&answering_all_but(libc::SYS_seccomp, 5, KEY, Verdict::Errno(WALL)))?;
        set_filter(&program)?;
        Ok(Self { here: PhantomData })
    }

    /// What the filters answer to any call whatever.
    ///
    /// # Errors
    ///
    /// The filters' answer: [`WALL`] or the program's own. `Ok(0)` is its `errno(0)`.
    ///
    /// # Panics
    ///
    /// If the call is one that the wall lets through.
    pub fn call(&self, number: u32, arguments: [usize; 6]) -> Result<c_long, Errno> {
        let installs =
            number == programs::number(libc::SYS_seccomp) && arguments[5] & 0xffff_ffff == KEY as usize;
        assert!(!installs && !EXEMPT.contains(&number), "the wall lets this call through");
        // SAFETY: `self` exists on this thread only, which is under the wall for the rest of its life: `new` installed
        // it, and filters cannot be taken off. The wall answers with an error to every call but a marked seccomp(2)
        // and, by the kernel's doing, the exempt ones, which were just excluded; another filter can only make that
        // stricter. So no call is made, whatever the arguments point to.
        unsafe { raw(number as c_long, arguments) }
    }
}
