//! What a handler of SIGSYS is told.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use libc::c_int;

use super::child::shared;

/// What a SIGSYS told of the call that it was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sigsys {
    /// `si_code`: 1, `SYS_SECCOMP`.
    pub code: u32,
    /// `si_errno`: the data of `trap`.
    pub errno: u32,
    /// `si_syscall`: the call's number.
    pub syscall: u32,
    /// `si_arch`: the audit architecture of its ABI.
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
