//! What the scan has to know of an instruction, in the same form for every machine, and of a machine's conventions.

use seccomp_compiler::Architecture;

use super::{aarch64, x86_64};

/// A general register; those of x86_64 in the order of their numbers, and 31 is the stack pointer of aarch64.
pub(super) type Register = u8;

pub(super) const REGISTERS: usize = 32;

/// How many arguments on the stack are followed from caller to callee.
pub(super) const STACK_ARGUMENTS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    X86_64,
    Aarch64,
}

/// Which registers carry what.
#[derive(Debug)]
pub(super) struct Convention {
    pub(super) stack: Register,
    pub(super) arguments: &'static [Register],
    pub(super) results: &'static [Register],
    /// Those that a function leaves as it found them.
    pub(super) preserved: &'static [Register],
    /// The number of a system call, and its arguments.
    pub(super) number: Register,
    pub(super) call_arguments: [Register; 6],
    /// Those that a system call changes.
    pub(super) changed: &'static [Register],
    /// What a call puts on the stack.
    pub(super) return_address: i64,
}

const X86_64: Convention = Convention {
    stack: 4,
    arguments: &[7, 6, 2, 1, 8, 9],
    results: &[0, 2],
    preserved: &[3, 4, 5, 12, 13, 14, 15],
    number: 0,
    call_arguments: [7, 6, 2, 10, 8, 9],
    changed: &[0, 1, 11],
    return_address: 8,
};

const AARCH64: Convention = Convention {
    stack: 31,
    // The last one is where a result is stored that is too large for a register.
    arguments: &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    results: &[0, 1],
    preserved: &[19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 31],
    number: 8,
    call_arguments: [0, 1, 2, 3, 4, 5],
    changed: &[0],
    return_address: 0,
};

/// A pointer that is there when the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pointer {
    /// To an address of the object itself.
    Address(u64),
    /// To a dynamic symbol plus an offset.
    Symbol(u32, i64),
    /// To what the function at this address returns.
    Chosen(u64),
}

impl Machine {
    /// By `e_machine` of an ELF file.
    pub(super) const fn of(number: u16) -> Option<Self> {
        match number {
            62 => Some(Self::X86_64),
            183 => Some(Self::Aarch64),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    pub(super) fn architecture(self) -> Option<&'static Architecture> {
        Architecture::find(self.name())
    }

    pub(super) const fn convention(self) -> &'static Convention {
        match self {
            Self::X86_64 => &X86_64,
            Self::Aarch64 => &AARCH64,
        }
    }

    /// What a relocation makes of its place.
    pub(super) fn pointer(self, kind: u32, symbol: u32, addend: i64) -> Option<Pointer> {
        let (symbols, relative, chosen): (&[u32], u32, u32) = match self {
            // R_X86_64_64, COPY, GLOB_DAT and JUMP_SLOT; RELATIVE; IRELATIVE.
            Self::X86_64 => (&[1, 5, 6, 7], 8, 37),
            // R_AARCH64_ABS64, COPY, GLOB_DAT and JUMP_SLOT; RELATIVE; IRELATIVE.
            Self::Aarch64 => (&[257, 1024, 1025, 1026], 1027, 1032),
        };
        match kind {
            _ if kind == relative => Some(Pointer::Address(addend.cast_unsigned())),
            _ if kind == chosen => Some(Pointer::Chosen(addend.cast_unsigned())),
            _ if symbols.contains(&kind) && symbol != 0 => Some(Pointer::Symbol(symbol, addend)),
            _ => None,
        }
    }

    /// The instructions of a range of code.
    pub(super) fn decode(self, code: &[u8], address: u64, sink: &mut dyn FnMut(u64, Step)) {
        match self {
            Self::X86_64 => x86_64::decode(code, address, sink),
            Self::Aarch64 => aarch64::decode(code, address, sink),
        }
    }
}

/// What an instruction does that the scan follows. Some instructions take several steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The register becomes the value.
    Set(Register, Source),
    /// The register becomes the value or stays as it is.
    MaySet(Register, Source),
    /// The first register becomes the second plus a number.
    Add(Register, Register, i64),
    /// Some bits of a register are replaced: by the number, and which bits they are.
    Insert(Register, u64, u64),
    /// The register becomes what is in memory, this many bytes of it.
    Load(Register, Place, u64),
    /// The value is stored in memory, this many bytes of it.
    Store(Place, Source, u64),
    /// These bytes of memory are read or changed in some other way.
    Touch(Place, u64),
    /// The register is read in some other way.
    Use(Register),
    /// The register's new value is not followed.
    Lose(Register),
    /// Goes on there, or with the next instruction.
    Branch(u64),
    Jump(Target),
    Call(Target),
    Return,
    /// A system call.
    System,
    /// A system call by another ABI of the machine.
    OtherSystem,
    /// Nothing follows.
    Stop,
}

impl Step {
    /// Whether the next step may follow.
    pub(super) const fn goes_on(self) -> bool {
        !matches!(self, Self::Jump(_) | Self::Return | Self::Stop)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Number(u64),
    /// The address of a place.
    Address(Place),
    Register(Register),
    /// The low half of a register.
    Low(Register),
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Address(u64),
    Register(Register),
    Memory(Place),
}

/// A place in memory: a register plus an offset, or without one an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) base: Option<Register>,
    /// Something that is added to it.
    pub(super) index: Option<Register>,
    pub(super) offset: i64,
}

impl Place {
    pub(super) const fn at(base: Register, offset: i64) -> Self {
        Self { base: Some(base), index: None, offset }
    }

    pub(super) const fn address(address: u64) -> Self {
        Self { base: None, index: None, offset: address.cast_signed() }
    }
}
