//! Where the kernel saves the registers of an interrupted thread: `struct ucontext` of `asm/ucontext.h` and `struct
//! sigcontext` of `asm/sigcontext.h`, for each architecture. Both are part of the kernel's stable interface.

/// A saved register. On x32 it has 64 bits, too.
#[cfg(target_arch = "x86_64")]
pub(crate) type Register = u64;
#[cfg(not(target_arch = "x86_64"))]
pub(crate) type Register = usize;

/// The value of a register as a filter sees it.
#[cfg(target_arch = "x86_64")]
pub(crate) fn widen(register: Register) -> u64 {
    register
}
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn widen(register: Register) -> u64 {
    register as u64
}

/// The layout of a `struct ucontext`.
pub(crate) struct Frame {
    /// The offset of the registers, in bytes.
    pub(crate) registers: usize,
    /// The index of the program counter among the registers.
    pub(crate) counter: usize,
    /// The index of a call's number, where it stays in a register.
    pub(crate) number: Option<usize>,
    /// The index of a call's result.
    pub(crate) result: usize,
    /// The indices of its arguments.
    pub(crate) arguments: [usize; 6],
    /// The offset of the signal mask, in bytes.
    pub(crate) blocked: usize,
    /// The length of the instruction that makes a call, in bytes.
    pub(crate) instruction: Register,
}

/// The layout on this architecture, if it is known.
pub(crate) const FRAME: Option<Frame> = if cfg!(all(target_arch = "x86_64", target_pointer_width = "64")) {
    Some(X86_64)
} else if cfg!(target_arch = "x86_64") {
    Some(Frame { registers: 24, blocked: 280, ..X86_64 })
} else if cfg!(target_arch = "x86") {
    Some(X86)
} else if cfg!(all(target_arch = "aarch64", target_pointer_width = "64")) {
    Some(AARCH64)
} else if cfg!(target_arch = "arm") {
    Some(ARM)
} else if cfg!(target_arch = "riscv64") {
    Some(RISCV64)
} else if cfg!(target_arch = "riscv32") {
    Some(Frame { registers: 160, blocked: 20, ..RISCV64 })
} else if cfg!(target_arch = "loongarch64") {
    Some(LOONGARCH64)
} else if cfg!(target_arch = "s390x") {
    Some(S390X)
} else {
    None
};

const X86_64: Frame = Frame {
    registers: 40,
    counter: 16,
    number: Some(13),
    result: 13,
    // rdi, rsi, rdx, r10, r8, r9
    arguments: [8, 9, 12, 2, 0, 1],
    blocked: 296,
    instruction: 2,
};

const X86: Frame = Frame {
    registers: 20,
    counter: 14,
    number: Some(11),
    result: 11,
    // ebx, ecx, edx, esi, edi, ebp
    arguments: [8, 10, 9, 5, 4, 6],
    blocked: 108,
    instruction: 2,
};

const AARCH64: Frame = Frame {
    registers: 176,
    counter: 33,
    number: Some(9),
    result: 1,
    arguments: [1, 2, 3, 4, 5, 6],
    blocked: 40,
    instruction: 4,
};

const ARM: Frame = Frame {
    registers: 20,
    counter: 18,
    number: Some(10),
    result: 3,
    arguments: [3, 4, 5, 6, 7, 8],
    blocked: 104,
    instruction: 4,
};

const RISCV64: Frame = Frame {
    registers: 176,
    counter: 0,
    number: Some(17),
    result: 10,
    arguments: [10, 11, 12, 13, 14, 15],
    blocked: 40,
    instruction: 4,
};

const LOONGARCH64: Frame = Frame {
    registers: 176,
    counter: 0,
    number: Some(12),
    result: 5,
    arguments: [5, 6, 7, 8, 9, 10],
    blocked: 40,
    instruction: 4,
};

const S390X: Frame = Frame {
    registers: 40,
    counter: 1,
    // The instruction itself may have it.
    number: None,
    result: 4,
    arguments: [4, 5, 6, 7, 8, 9],
    blocked: 384,
    instruction: 2,
};

impl Frame {
    /// The indices of the arguments of a call with this audit architecture, and a mask of the bits that count: `int
    /// 0x80` on x86_64 takes its arguments from ebx, ecx, edx, esi, edi and ebp.
    pub(crate) fn arguments_of(&self, audit: u32) -> ([usize; 6], u64) {
        const I386: u32 = 0x4000_0003;
        if cfg!(target_arch = "x86_64") && audit == I386 {
            ([11, 14, 12, 9, 8, 10], u64::from(u32::MAX))
        } else {
            (self.arguments, u64::MAX)
        }
    }

    /// Whether the kernel has overwritten the register with this index. Since Linux 5.12, s390x replaces the first
    /// argument of a call that is not made by -ENOSYS before it delivers the signal (`__do_syscall` in
    /// `arch/s390/kernel/syscall.c`).
    pub(crate) fn is_lost(&self, index: usize, register: Register) -> bool {
        const ENOSYS: Register = 38;
        cfg!(target_arch = "s390x") && index == self.result && register == ENOSYS.wrapping_neg()
    }

    /// The length of the instruction that made the call: two bytes in Thumb mode, which a bit of the status register
    /// indicates.
    pub(crate) fn instruction(&self, register: impl Fn(usize) -> Register) -> Register {
        const STATUS: usize = 19;
        const THUMB: Register = 1 << 5;
        let thumb = cfg!(target_arch = "arm") && register(STATUS) & THUMB != 0;
        if thumb { 2 } else { self.instruction }
    }
}

// The same offsets as in the libc crate, where that has the structures.
#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64",
        target_arch = "loongarch64"
    )
))]
const _: () = {
    use core::mem::offset_of;
    const KNOWN: Frame = FRAME.unwrap();
    assert!(offset_of!(libc::ucontext_t, uc_mcontext) == KNOWN.registers);
    assert!(offset_of!(libc::ucontext_t, uc_sigmask) == KNOWN.blocked);
};
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_pointer_width = "64"))]
#[expect(clippy::cast_sign_loss, reason = "they are small")]
const _: () = {
    use libc::{REG_R8, REG_R9, REG_R10, REG_RAX, REG_RDI, REG_RDX, REG_RIP, REG_RSI};
    let arguments = [REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9];
    let mut index = 0;
    while index < 6 {
        assert!(X86_64.arguments[index] == arguments[index] as usize);
        index += 1;
    }
    assert!(X86_64.counter == REG_RIP as usize && X86_64.result == REG_RAX as usize);
};
