//! The system calls, and the only `unsafe` that ships. Each block is one operation, with its proof.
//!
//! What installing takes is inlined into the program, as `main_attribute` says, and goes through syscall(2): each
//! function of the C library that a program has no other use for takes 64 bytes of its file.
#![expect(unsafe_code, reason = "system calls are foreign functions; a program comes as memory")]

use crate::filter::Instruction;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::{knows_flags, set_filter, set_no_new_privs};
#[cfg(all(feature = "report", not(any(target_os = "linux", target_os = "android"))))]
pub(crate) use other::{handle_traps, thread};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use other::{knows_flags, set_filter, set_no_new_privs};

#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
pub(crate) use signal::{handle_traps, thread};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use core::mem::{align_of, offset_of};

    use super::Instruction;
    use crate::errno::Errno;

    const _: () = {
        assert!(size_of::<Instruction>() == size_of::<libc::sock_filter>());
        assert!(align_of::<Instruction>() == align_of::<libc::sock_filter>());
        assert!(offset_of!(Instruction, code) == offset_of!(libc::sock_filter, code));
        assert!(offset_of!(Instruction, jt) == offset_of!(libc::sock_filter, jt));
        assert!(offset_of!(Instruction, jf) == offset_of!(libc::sock_filter, jf));
        assert!(offset_of!(Instruction, k) == offset_of!(libc::sock_filter, k));
    };

    /// prctl(2), `PR_SET_NO_NEW_PRIVS`: it stays set for this thread, and is set for others by `tsync`.
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

    /// seccomp(2), `SECCOMP_SET_MODE_FILTER`: 0, or with `tsync` a thread that could not be brought along.
    #[inline]
    pub(crate) fn set_filter(program: &'static [Instruction], flags: u32) -> Result<i32, Errno> {
        seccomp(flags, Some(program))
    }

    /// Whether the kernel has filters and knows these flags: with no program to read it gets as far as EFAULT, as
    /// seccomp(2) says of detecting flags.
    #[inline(always)]
    pub(crate) fn knows_flags(flags: u32) -> bool {
        seccomp(flags, None) == Err(Errno(libc::EFAULT))
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

    #[inline]
    pub(super) fn errno_location() -> *mut libc::c_int {
        #[cfg(target_os = "android")]
        use libc::__errno as location;
        #[cfg(target_os = "linux")]
        use libc::__errno_location as location;
        // SAFETY: the function takes nothing and returns the address of the calling thread's errno; it cannot fail.
        unsafe { location() }
    }

    #[inline(always)]
    pub(super) fn errno() -> Errno {
        let location = errno_location();
        // SAFETY: the address is that of an aligned, initialised int that lives as long as the thread, and nothing
        // else accesses it during this read, as it belongs to this thread alone.
        Errno(unsafe { *location })
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod other {
    use crate::errno::Errno;
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

    #[cfg(feature = "report")]
    pub(crate) fn handle_traps(_: &'static crate::report::Report) -> Result<(), Errno> {
        Ok(())
    }

    #[cfg(feature = "report")]
    pub(crate) fn thread() -> i32 {
        0
    }
}

/// A program from the bytes that it is in the target's memory: of what a macro can emit the cheapest to compile.
#[doc(hidden)]
#[must_use]
pub const fn program<const N: usize, const BYTES: usize>(bytes: [u8; BYTES]) -> [Instruction; N] {
    const { assert!(BYTES == size_of::<[Instruction; N]>()) };
    #[repr(C)]
    union Memory<const N: usize, const BYTES: usize> {
        bytes: [u8; BYTES],
        program: [Instruction; N],
    }
    // SAFETY: both fields begin the union and are of one size, as asserted, so all that is read was written; and an
    // instruction is integers of 2, 1, 1 and 4 bytes without padding, for which all bits are values.
    unsafe { Memory { bytes }.program }
}

/// The descriptor of standard error.
pub(crate) const STANDARD_ERROR: i32 = 2;

/// Writes to a descriptor; what does not go out is lost, as there is nowhere else to say so.
///
/// Not by the C library's function, at which a thread that is to be cancelled would leave a handler of signals.
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
pub(crate) fn write(descriptor: i32, bytes: &[u8]) {
    // SAFETY: write(2) reads `bytes.len()` bytes at `bytes.as_ptr()`, which the slice guarantees to be live and
    // initialised for the length of the call, and keeps no pointer; the arguments have the size of registers, or for
    // the descriptor that of the int that the kernel reads.
    let _written = unsafe { libc::syscall(libc::SYS_write, descriptor, bytes.as_ptr(), bytes.len()) };
}

/// Nothing traps a call here, so there is nothing to write of one.
#[cfg(all(feature = "report", not(any(target_os = "linux", target_os = "android"))))]
pub(crate) fn write(_: i32, _: &[u8]) {}

/// Writes a line in these parts to a descriptor, in one piece; what does not go out is lost, as above.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline(always)]
pub(crate) fn write_line(descriptor: i32, parts: [&[u8]; 4]) {
    let vector = |part: &[u8]| libc::iovec {
        iov_base: part.as_ptr().cast_mut().cast::<libc::c_void>(),
        iov_len: part.len(),
    };
    let vectors = parts.map(vector);
    // SAFETY: writev(2) reads 5 structures at `vectors.as_ptr()`, a local array of that length, and for each `iov_len`
    // bytes at `iov_base`, which the slice that both are from guarantees to be live and initialised for the length of
    // the call; it writes to none of them and keeps no pointer.
    let _written = unsafe { libc::writev(descriptor, vectors.as_ptr(), 4) };
}

/// Writes a line in these parts to a descriptor; what does not go out is lost, as there is nowhere else to say so.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) fn write_line(descriptor: i32, parts: [&[u8]; 4]) {
    for part in parts {
        // SAFETY: write(2) reads `part.len()` bytes at `part.as_ptr()`, which the slice guarantees to be live and
        // initialised for the length of the call, and keeps no pointer.
        let _written = unsafe { libc::write(descriptor, part.as_ptr().cast::<libc::c_void>(), part.len()) };
    }
}

/// Ends the process at once: a filter that is half in place must not see exit handlers run.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline(always)]
pub(crate) fn exit(status: i32) -> ! {
    // SAFETY: exit_group(2) takes its status by value, as the int that the kernel reads, and touches no memory.
    let _refused = unsafe { libc::syscall(libc::SYS_exit_group, status) };
    // SAFETY: abort(3) takes nothing and does not return.
    unsafe { libc::abort() }
}

/// Ends the process at once, without exit handlers.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) fn exit(status: i32) -> ! {
    // SAFETY: _exit(2) takes its status by value and does not return.
    unsafe { libc::_exit(status) }
}

#[cfg(not(unix))]
pub(crate) fn write_line(_: i32, _: [&[u8]; 4]) {}

/// Without a C library to ask, a panic is how a program ends.
#[cfg(not(unix))]
pub(crate) fn exit(_: i32) -> ! {
    panic!("the seccomp filter of this program cannot be installed: this system has none")
}

/// The handler of SIGSYS.
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
mod signal {
    use core::sync::atomic::{AtomicPtr, Ordering};

    use super::exit;
    use super::linux::{errno, errno_location};
    use crate::errno::Errno;
    use crate::frame::{self, FRAME, Frame, Register};
    use crate::report::{Report, Then, Trapped};

    /// The report of the process; null before there is one.
    static REPORT: AtomicPtr<Report> = AtomicPtr::new(core::ptr::null_mut());

    /// `siginfo_t` as far as SIGSYS has a use for it, from `asm-generic/siginfo.h`. All architectures that report have
    /// the fields in this order.
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Siginfo {
        signal: libc::c_int,
        errno: libc::c_int,
        code: libc::c_int,
        call: Sigsys,
    }

    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Sigsys {
        address: usize,
        number: libc::c_int,
        arch: libc::c_uint,
    }

    /// `SYS_SECCOMP` of `asm-generic/siginfo.h`: the signal comes from a filter.
    const SYS_SECCOMP: libc::c_int = 1;

    /// Makes this report the one of the process, and has the kernel call the handler for SIGSYS.
    pub(crate) fn handle_traps(report: &'static Report) -> Result<(), Errno> {
        if FRAME.is_none() {
            return Err(Errno(libc::ENOSYS));
        }
        REPORT.store(core::ptr::from_ref(report).cast_mut(), Ordering::Release);
        let handler: extern "C" fn(libc::c_int, *const Siginfo, *mut u8) = handler;
        set_action(handler as *const () as usize)
    }

    /// Makes this what the kernel does on SIGSYS: `handler`, or SIG_DFL.
    fn set_action(action_or_handler: libc::sighandler_t) -> Result<(), Errno> {
        // SAFETY: `sigaction` is a C structure of integers, sets of bits and an optional function, for all of which
        // zeros are a value: no flags, no signals, no function.
        let mut action: libc::sigaction = unsafe { core::mem::zeroed() };
        // The stack of the thread will do, as the signal does not come from its overflow; the alternate one that Rust
        // sets up may have little room beside the registers of large processors.
        action.sa_flags = libc::SA_SIGINFO;
        action.sa_sigaction = action_or_handler;
        // No other handler runs meanwhile: a call of its own that is refused would be the end of the process.
        // SAFETY: sigfillset(3) writes the one signal set behind its argument, a live field of a local.
        unsafe { libc::sigfillset(&raw mut action.sa_mask) };
        // SAFETY: sigaction(2) reads one `struct sigaction` behind its second argument, a live local whose fields are
        // all initialised, and writes nothing, as its third is null. Both callers are in this module: one passes SIG_DFL,
        // the other a handler that has the type that SA_SIGINFO asks for, and does only what a handler may: it allocates
        // nothing, takes no lock, and keeps errno.
        let result = unsafe { libc::sigaction(libc::SIGSYS, &raw const action, core::ptr::null_mut()) };
        if result == 0 { Ok(()) } else { Err(errno()) }
    }

    /// The calling thread as gettid(2) numbers it.
    pub(crate) fn thread() -> i32 {
        // SAFETY: gettid(2) takes nothing, touches no memory and cannot fail.
        let thread = unsafe { libc::syscall(libc::SYS_gettid) };
        i32::try_from(thread).unwrap_or_default()
    }

    /// `info` and `context` are what the kernel passes to a handler with SA_SIGINFO: valid until it returns, and
    /// nobody else's.
    extern "C" fn handler(_signal: libc::c_int, info: *const Siginfo, context: *mut u8) {
        let before = errno();
        // SAFETY: the kernel passes a whole `siginfo_t`, aligned, 128 bytes, all written, of which `Siginfo` is the
        // beginning for every SIGSYS of a filter; its fields are integers, for which all bits are values.
        let info = unsafe { info.read() };
        let report = REPORT.load(Ordering::Acquire);
        // SAFETY: the pointer is null or came from a `&'static Report` in `handle_traps`, which is never written to.
        let report = unsafe { report.as_ref() };
        match (report, FRAME) {
            (Some(report), Some(frame)) if info.code == SYS_SECCOMP => {
                let context = Context { frame, start: context };
                let trapped = context.trapped(&info.call);
                report.write(&trapped);
                match report.then {
                    Then::KillProcess if report.traps(&trapped) => context.call_again(),
                    Then::KillProcess => die(),
                    Then::Exit(status) => exit(status.into()),
                    Then::Errno(errno) => context.fail(errno),
                }
            }
            // Sent by hand, by kill(1) say.
            _ => exit(128 + libc::SIGSYS),
        }
        set_errno(before);
    }

    /// Has the process die of SIGSYS once the handler returns, where it is not known that the call would be refused
    /// again: by another filter, or with an argument that is lost. The signal is blocked until then.
    fn die() {
        // SAFETY: raise(3) takes a number, and sends this thread a signal.
        let raise = || unsafe { libc::raise(libc::SIGSYS) };
        if set_action(libc::SIG_DFL).is_err() || raise() != 0 {
            exit(128 + libc::SIGSYS);
        }
    }

    /// The interrupted thread, to go on as is said here: a `struct ucontext` that begins at `start`.
    struct Context {
        frame: Frame,
        start: *mut u8,
    }

    impl Context {
        fn trapped(&self, call: &Sigsys) -> Trapped {
            let (arguments, bits) = self.frame.arguments_of(call.arch);
            Trapped {
                arch: call.arch,
                number: call.number.cast_unsigned(),
                instruction_pointer: call.address as u64,
                arguments: arguments.map(|at| {
                    let register = self.register(at);
                    let known = !self.frame.is_lost(at, register);
                    known.then(|| frame::widen(register) & bits)
                }),
            }
        }

        /// Has the thread make the call once more, now with SIGSYS blocked. The filter, which was proved to trap what is in
        /// these registers, refuses it as before, and then the kernel does what it does without a handler: the process
        /// dies, and the core shows the call itself.
        fn call_again(&self) {
            let counter = self.register(self.frame.counter);
            let instruction = self.frame.instruction(|at| self.register(at));
            self.set_register(self.frame.counter, counter.wrapping_sub(instruction));
            // SAFETY: the blocked signals are there in the context, one bit each from the lowest of the first word on,
            // aligned as a word is; the kernel wrote them and reads them when the handler has returned.
            let blocked = unsafe { self.start.add(self.frame.blocked) }.cast::<libc::c_ulong>();
            // SAFETY: as above; nothing else refers to the context.
            let signals = unsafe { blocked.read() };
            // SAFETY: as above.
            unsafe { blocked.write(signals | 1 << (libc::SIGSYS - 1)) };
        }

        /// Has the call fail with an error, as the kernel reports one.
        fn fail(&self, errno: u16) {
            self.set_register(self.frame.result, Register::from(errno).wrapping_neg());
        }

        fn register(&self, at: usize) -> Register {
            let register = self.place(at);
            // SAFETY: `place` gives the place of a register that the kernel wrote, aligned, within the context.
            unsafe { register.read() }
        }

        fn set_register(&self, at: usize, value: Register) {
            let register = self.place(at);
            // SAFETY: as for reading; the kernel reads it back when the handler has returned, and takes any value of a
            // general register or of the program counter.
            unsafe { register.write(value) };
        }

        fn place(&self, at: usize) -> *mut Register {
            // SAFETY: `at` is one of the frame's places, all of which lie within the context.
            let first = unsafe { self.start.add(self.frame.registers) }.cast::<Register>();
            // SAFETY: as above.
            unsafe { first.add(at) }
        }
    }

    fn set_errno(errno: Errno) {
        let location = errno_location();
        // SAFETY: the address is that of an aligned int that lives as long as the thread; nothing else accesses it
        // during this write, as it belongs to this thread alone, which is in the handler.
        unsafe { *location = errno.0 };
    }
}
