//! What a tracer changes in a stopped thread: the number of its call, which it gets back with its signal, and where it
//! goes on.

use std::io;

#[cfg(target_arch = "x86_64")]
use seccomp_compiler::Architecture;

use super::stack::Frame;
use super::sys::{self, Registers, SignalInfo, SyscallInfo};

/// `NT_PRSTATUS`, the general registers.
const GENERAL: usize = 1;

/// Gives the call that a thread is about to make another number. Any kernel since Linux 6.16 can do that; an older one,
/// on x86_64 and aarch64.
pub(super) fn set_number(thread: i32, info: &SyscallInfo, number: u32) -> io::Result<()> {
    let mut changed = *info;
    changed.number = number.into();
    match sys::set_syscall_info(thread, &changed) {
        // The thread is gone.
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Err(error),
        Err(_) => set_number_register(thread, number),
        Ok(()) => Ok(()),
    }
}

#[cfg(target_arch = "x86_64")]
fn set_number_register(thread: i32, number: u32) -> io::Result<()> {
    change(thread, |registers, is_32_bit| match is_32_bit {
        // `orig_eax` is the twelfth register.
        true => registers[5] = registers[5] & 0xffff_ffff | u64::from(number) << 32,
        // `orig_rax` is the sixteenth.
        false => registers[15] = number.into(),
    })
}

#[cfg(target_arch = "aarch64")]
fn set_number_register(thread: i32, number: u32) -> io::Result<()> {
    const SYSTEM_CALL: usize = 0x404;
    let mut registers: Registers = [0; 64];
    registers[0] = number.into();
    sys::set_registers(thread, SYSTEM_CALL, &mut registers, size_of::<u32>())
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn set_number_register(_: i32, _: u32) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "refusing a traced call takes Linux 6.16 on this architecture",
    ))
}

/// Gives a thread that is stopped for the SIGSYS of a call with a changed number the real one back, in what its handler is
/// told and in its registers; any other SIGSYS is left alone.
pub(super) fn restore_number(thread: i32, changed: u32, real: u32) -> io::Result<()> {
    /// `SYS_SECCOMP` of `siginfo.h`: a filter sent the signal.
    const BY_FILTER: u32 = 1;
    /// The third of three ints; the second on MIPS, where the error is the third.
    const CODE: usize = if cfg!(any(target_arch = "mips", target_arch = "mips64")) { 1 } else { 2 };
    /// Behind them is the address of the call, aligned, and then its number.
    const NUMBER: usize = (12_usize.next_multiple_of(size_of::<usize>()) + size_of::<usize>()) / 4;
    let mut info: SignalInfo = sys::signal_info(thread)?;
    if info[CODE] != BY_FILTER || info[NUMBER] != changed {
        return Ok(());
    }
    info[NUMBER] = real;
    sys::set_signal_info(thread, &info)?;
    restore_number_registers(thread, real)
}

#[cfg(target_arch = "x86_64")]
fn restore_number_registers(thread: i32, number: u32) -> io::Result<()> {
    set_number_register(thread, number)?;
    // The kernel gives a trapped call its registers back, `rax` with the number.
    change(thread, |registers, is_32_bit| match is_32_bit {
        // `eax` is the seventh register.
        true => registers[3] = registers[3] & !0xffff_ffff | u64::from(number),
        // `rax` is the eleventh.
        false => registers[10] = number.into(),
    })
}

/// On aarch64, the register with the number keeps it; for the others, this is not known.
#[cfg(not(target_arch = "x86_64"))]
fn restore_number_registers(_: i32, _: u32) -> io::Result<()> {
    Ok(())
}

/// The registers of a stopped thread that its stack is unwound with; none but where it is, if they are not known.
pub(super) fn frame(thread: i32, pointer: u64) -> Frame {
    let mut frame = Frame { registers: [None; 32], pointer };
    // A 32-bit thread has fewer registers, and its stack is not unwound.
    if let Ok((registers, bytes)) = sys::registers(thread, GENERAL)
        && bytes >= 128
    {
        for (place, at) in KEPT {
            frame.registers[*place] = Some(registers[*at]);
        }
    }
    frame
}

/// The registers that functions keep, by their numbers in DWARF, and where the kernel has them.
#[cfg(target_arch = "x86_64")]
const KEPT: &[(usize, usize)] = &[(3, 5), (6, 4), (7, 19), (12, 3), (13, 2), (14, 1), (15, 0)];
#[cfg(target_arch = "aarch64")]
const KEPT: &[(usize, usize)] = &[
    (19, 19),
    (20, 20),
    (21, 21),
    (22, 22),
    (23, 23),
    (24, 24),
    (25, 25),
    (26, 26),
    (27, 27),
    (28, 28),
    (29, 29),
    (30, 30),
    (31, 31),
];
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const KEPT: &[(usize, usize)] = &[];

/// The numbers of two registers in DWARF: that of the return address, and the stack pointer.
pub(super) const RETURN_ADDRESS: usize = if cfg!(target_arch = "x86_64") { 16 } else { 30 };
pub(super) const STACK_POINTER: usize = if cfg!(target_arch = "x86_64") { 7 } else { 31 };

/// The bits of an address of code: on aarch64, those above may be a signature.
pub(super) const CODE: u64 = if cfg!(target_arch = "aarch64") { (1 << 48) - 1 } else { u64::MAX };

/// Has a thread make its call again that failed with EINTR because the tracer stopped it, unless a signal has a handler.
#[cfg(target_arch = "x86_64")]
pub(super) fn repeat_interrupted(thread: i32) -> io::Result<()> {
    /// `-ERESTARTNOHAND` of `linux/errno.h`.
    const UNLESS_HANDLED: i32 = -514;
    let (mut registers, bytes) = sys::registers(thread, GENERAL)?;
    let is_32_bit = bytes < 128;
    // `eax` is the seventh register and `orig_eax` the twelfth, `rax` the eleventh and `orig_rax` the sixteenth.
    let [result, number] =
        if is_32_bit { [registers[3], registers[5] >> 32] } else { [registers[10], registers[15]] };
    let low = |register: u64| (register & 0xffff_ffff) as u32;
    if low(result) != (-libc::EINTR).cast_unsigned() || !waits(is_32_bit, low(number)) {
        return Ok(());
    }
    match is_32_bit {
        true => {
            registers[3] = registers[3] & !0xffff_ffff | u64::from(UNLESS_HANDLED.cast_unsigned());
        }
        false => registers[10] = i64::from(UNLESS_HANDLED).cast_unsigned(),
    }
    sys::set_registers(thread, GENERAL, &mut registers, bytes)
}

/// Elsewhere, the kernel has decided before the stop whether the call is made again.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn repeat_interrupted(_: i32) -> io::Result<()> {
    Ok(())
}

/// Whether a call has done nothing yet when it fails with EINTR, which the kernel does not make again by itself.
#[cfg(target_arch = "x86_64")]
fn waits(is_32_bit: bool, number: u32) -> bool {
    const I386: u32 = 0x4000_0003;
    const X86_64: u32 = 0xc000_003e;
    const CALLS: [&str; 24] = [
        "epoll_wait",
        "epoll_pwait",
        "epoll_pwait2",
        "semop",
        "semtimedop",
        "semtimedop_time64",
        "rt_sigtimedwait",
        "rt_sigtimedwait_time64",
        "io_getevents",
        "io_pgetevents",
        "io_pgetevents_time64",
        "io_uring_enter",
        "read",
        "readv",
        "recv",
        "recvfrom",
        "recvmsg",
        "accept",
        "accept4",
        "write",
        "writev",
        "send",
        "sendto",
        "sendmsg",
    ];
    let audit = if is_32_bit { I386 } else { X86_64 };
    let abi = Architecture::of_call(audit, number);
    abi.and_then(|abi| abi.syscall_name(number)).is_some_and(|name| CALLS.contains(&name))
}

/// The instruction of a breakpoint, and how far behind it a thread stops.
#[cfg(target_arch = "x86_64")]
pub(super) const BREAKPOINT: Option<(&[u8], u64)> = Some((&[0xcc], 1));
#[cfg(target_arch = "aarch64")]
pub(super) const BREAKPOINT: Option<(&[u8], u64)> = Some((&[0, 0, 0x20, 0xd4], 0));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) const BREAKPOINT: Option<(&[u8], u64)> = None;

/// Where a stopped thread is.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) fn instruction_pointer(thread: i32) -> io::Result<u64> {
    let (registers, bytes) = sys::registers(thread, GENERAL)?;
    Ok(match (cfg!(target_arch = "x86_64"), bytes < 128) {
        (true, true) => registers[6] & 0xffff_ffff,
        (true, false) => registers[16],
        // A 32-bit thread of aarch64 has 18 registers of 4 bytes, the 16th of which is the program counter.
        (false, true) => registers[7] >> 32,
        (false, false) => registers[32],
    })
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn instruction_pointer(_: i32) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Has a thread that met a breakpoint go on at the instruction that was there.
#[cfg(target_arch = "x86_64")]
pub(super) fn go_back(thread: i32, to: u64) -> io::Result<()> {
    change(thread, |registers, is_32_bit| match is_32_bit {
        true => registers[6] = registers[6] & !0xffff_ffff | to & 0xffff_ffff,
        false => registers[16] = to,
    })
}

/// Has a thread that met a breakpoint go on at the instruction that was there; elsewhere it has not left it.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn go_back(_: i32, _: u64) -> io::Result<()> {
    Ok(())
}

#[cfg(target_arch = "x86_64")]
fn change(thread: i32, change: impl FnOnce(&mut Registers, bool)) -> io::Result<()> {
    let (mut registers, bytes) = sys::registers(thread, GENERAL)?;
    change(&mut registers, bytes < 128);
    sys::set_registers(thread, GENERAL, &mut registers, bytes)
}
