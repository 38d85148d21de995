//! Children of the test: bodies that run in a process of their own, and the memory that they share with it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Once, OnceLock};

/// Seconds after which a child that hangs ends itself by SIGALRM. Children take milliseconds, so that no load of the
/// machine makes one take this long.
const LIMIT: libc::c_uint = 600;

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this status: 0, or 1 after a panic.
    Exited(i32),
    /// By this signal; by SIGALRM if it hung.
    Killed(i32),
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
    // which `LIMIT` ends, but breaks no memory.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => panic!("fork: {}", io::Error::last_os_error()),
        0 => run(body, message),
        _ => (wait(pid), read_text(message)),
    }
}

fn run(body: impl FnOnce(), message: &'static [AtomicU32]) -> ! {
    no_core();
    // SAFETY: alarm(2) takes a number, and its signal ends the process.
    let _none_before = unsafe { libc::alarm(LIMIT) };
    let _first = MESSAGE.set(message);
    let status = i32::from(catch_unwind(AssertUnwindSafe(body)).is_err());
    // SAFETY: _exit(2) takes its status by value and does not return.
    unsafe { libc::_exit(status) }
}

/// A child of this process that has run `first` and then stays until this process ends.
pub fn companion(first: impl FnOnce()) -> u32 {
    use std::io::{Read as _, Write as _};

    let (mut told, mut tell) = io::pipe().expect("a pipe");
    // SAFETY: as in `in_child`: the child has its own copy of everything, and never leaves this function.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        first();
        // SAFETY: this prctl(2) takes two numbers, and its signal ends the process.
        let _ends = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        tell.write_all(&[1]).expect("the parent listens");
        loop {
            std::thread::park();
        }
    }
    drop(tell);
    // One that is stopped, or whose parent is gone, before it has asked for its end would stay.
    told.read_exact(&mut [0]).expect("the companion lives");
    u32::try_from(pid).expect("it was made")
}

/// Has this process leave no core file when it dies.
pub fn no_core() {
    let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: setrlimit(2) reads one `struct rlimit` behind its pointer, which is that of a live local.
    let _limited = unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core) };
}

fn wait(pid: libc::pid_t) -> Ended {
    let mut status = 0;
    // SAFETY: waitpid(2) writes one int behind its pointer, which is that of a live local.
    while unsafe { libc::waitpid(pid, &raw mut status, 0) } != pid {
        let error = io::Error::last_os_error();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted, "waitpid: {error}");
    }
    match libc::WIFEXITED(status) {
        true => Ended::Exited(libc::WEXITSTATUS(status)),
        false => Ended::Killed(libc::WTERMSIG(status)),
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
