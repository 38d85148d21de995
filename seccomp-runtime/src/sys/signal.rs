//! The handler of SIGSYS.

use core::sync::atomic::{AtomicPtr, Ordering};

use super::modules;
use super::process::{errno, exit, set_errno};
use crate::errno::Errno;
use crate::frame::{self, FRAME, Frame, Register};
use crate::report::{Report, Then};
use crate::trapped::Trapped;

/// The report of the process; null until `handle_traps` sets it.
static REPORT: AtomicPtr<Report> = AtomicPtr::new(core::ptr::null_mut());

/// The beginning of `siginfo_t` for SIGSYS, from `asm-generic/siginfo.h`. All architectures with a `Frame` have the
/// fields in this order.
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

/// Installs the handler of SIGSYS, with this report.
pub(crate) fn handle_traps(report: &'static Report) -> Result<(), Errno> {
    if FRAME.is_none() {
        return Err(Errno(libc::ENOSYS));
    }
    modules::record();
    REPORT.store(core::ptr::from_ref(report).cast_mut(), Ordering::Release);
    let handler: extern "C" fn(libc::c_int, *const Siginfo, *mut u8) = handler;
    set_action(handler as *const () as usize)
}

/// Sets the action for SIGSYS: `handler`, or SIG_DFL.
fn set_action(action_or_handler: libc::sighandler_t) -> Result<(), Errno> {
    // SAFETY: `sigaction` is a C structure of integers, sets of bits and an optional function, for all of which
    // zeros are a value: no flags, no signals, no function.
    let mut action: libc::sigaction = unsafe { core::mem::zeroed() };
    // Not on the alternate stack: the signal does not come from a stack overflow, and the one that Rust sets up may
    // have little room left beside the registers of large processors.
    action.sa_flags = libc::SA_SIGINFO;
    action.sa_sigaction = action_or_handler;
    // No other handler runs meanwhile: if a call of its own were refused, the process would die.
    // SAFETY: sigfillset(3) writes the one signal set behind its argument, a live field of a local.
    unsafe { libc::sigfillset(&raw mut action.sa_mask) };
    // SAFETY: sigaction(2) reads one `struct sigaction` behind its second argument, a live local whose fields are
    // all initialised, and writes nothing, as its third is null. Both callers are in this module: one passes SIG_DFL,
    // the other a handler that has the type that SA_SIGINFO asks for, and does only what a handler may: it allocates
    // nothing, takes no lock, and keeps errno.
    let result = unsafe { libc::sigaction(libc::SIGSYS, &raw const action, core::ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(errno()) }
}

/// `info` and `context` are what the kernel passes to a handler with SA_SIGINFO: valid until the handler returns, and
/// used by nothing else.
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
                Then::KillProcess if context.is_repeatable(&info.call) && report.traps(&trapped) => {
                    context.call_again();
                }
                Then::KillProcess => die(),
                Then::Exit(status) => exit(status.into()),
                Then::Errno(errno) => context.fail(errno),
            }
        }
        // Not from a filter: somebody sent the signal, with kill(1) perhaps.
        _ => exit(128 + libc::SIGSYS),
    }
    set_errno(before);
}

/// Makes the process die of SIGSYS. It is for calls that may not be made again: those that another filter refused, with an
/// argument that is lost, or of which the signal and the registers tell different things.
///
/// A filter may answer each of these calls with success and not make it, so what they return proves nothing: whatever
/// happens, nothing after them runs but the next way to end.
fn die() -> ! {
    let _set = set_action(libc::SIG_DFL);
    // SAFETY: raise(3) takes a number, and sends this thread a signal, which is blocked here and so stays pending.
    let _sent = unsafe { libc::raise(libc::SIGSYS) };
    unblock();
    exit(128 + libc::SIGSYS);
}

/// Lets SIGSYS through: one that is pending is delivered before this returns.
fn unblock() {
    // SAFETY: a set of signals is integers, for which zeros are a value: the empty set.
    let mut signals: libc::sigset_t = unsafe { core::mem::zeroed() };
    // SAFETY: sigaddset(3) changes the one set behind its first argument, a live local.
    unsafe { libc::sigaddset(&raw mut signals, libc::SIGSYS) };
    // SAFETY: pthread_sigmask(3) reads the set behind its second argument, a live local, and writes nothing, as its
    // third is null.
    unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const signals, core::ptr::null_mut()) };
}

/// The `struct ucontext` at `start`, from which the kernel resumes the interrupted thread.
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
            arguments: arguments.map(|index| {
                let register = self.register(index);
                let known = !self.frame.is_lost(index, register);
                known.then(|| frame::widen(register) & bits)
            }),
        }
    }

    /// Whether the thread stopped right behind the instruction that made this call, with its number in place. It did not
    /// where the kernel emulates the call, as on x86_64's vsyscall page, from which it returns at once; nor, most likely,
    /// where the process queued the signal to itself: it would go on with another call, and SIGSYS blocked.
    fn is_repeatable(&self, call: &Sigsys) -> bool {
        let counter = frame::widen(self.register(self.frame.counter));
        let number = self.frame.number.map(|index| frame::widen(self.register(index)) & u64::from(u32::MAX));
        counter == call.address as u64
            && number.is_none_or(|number| number == u64::from(call.number.cast_unsigned()))
    }

    /// Makes the thread repeat the call with SIGSYS blocked. The filter, which was proved to trap what is in these
    /// registers, refuses it again, and the kernel does what it does without a handler: the process dies, and the core
    /// dump shows the call itself.
    fn call_again(&self) {
        let counter = self.register(self.frame.counter);
        let instruction = self.frame.instruction(|index| self.register(index));
        self.set_register(self.frame.counter, counter.wrapping_sub(instruction));
        // SAFETY: the context has the signal mask at this offset, one bit a signal from the lowest of the first word
        // on, aligned as a word is; the kernel wrote it and reads it when the handler has returned.
        let mask = unsafe { self.start.add(self.frame.blocked) }.cast::<libc::c_ulong>();
        // SAFETY: as above; nothing else refers to the context.
        let blocked = unsafe { mask.read() };
        // SAFETY: as above.
        unsafe { mask.write(blocked | 1 << (libc::SIGSYS - 1)) };
    }

    /// Makes the call fail with an error, in the way that the kernel reports one.
    fn fail(&self, errno: u16) {
        self.set_register(self.frame.result, Register::from(errno).wrapping_neg());
    }

    fn register(&self, index: usize) -> Register {
        let register = self.pointer(index);
        // SAFETY: `pointer` points to a register within the context, aligned, which the kernel wrote.
        unsafe { register.read() }
    }

    fn set_register(&self, index: usize, value: Register) {
        let register = self.pointer(index);
        // SAFETY: as for reading; the kernel reads it back when the handler has returned, and accepts any value of a
        // general register or of the program counter.
        unsafe { register.write(value) };
    }

    fn pointer(&self, index: usize) -> *mut Register {
        // SAFETY: the context has its registers at this offset.
        let first = unsafe { self.start.add(self.frame.registers) }.cast::<Register>();
        // SAFETY: `index` is one of the frame's, all of which are of registers within the context.
        unsafe { first.add(index) }
    }
}
