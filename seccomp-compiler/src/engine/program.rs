//! Classic BPF as seccomp(2) accepts it: instructions, their disassembly, and an interpreter.

use core::fmt;

use crate::kernel::action::ActionKind;
use crate::kernel::architecture::Endian;
use crate::kernel::call::Call;

/// The kernel's limit on the length of a program: `BPF_MAXINSNS` of `linux/bpf_common.h`.
pub const MAX_INSTRUCTIONS: usize = 4096;

/// One instruction, laid out as `struct sock_filter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// What it does.
    pub code: u16,
    /// How many instructions to skip where the test holds.
    pub jt: u8,
    /// How many where it fails.
    pub jf: u8,
    /// Its operand.
    pub k: u32,
}

/// A sequence of instructions for targets of one byte order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The instructions.
    pub instructions: Vec<Instruction>,
    /// The byte order of the targets that it is for, and so of the words that it loads.
    pub endian: Endian,
}

/// A 32-bit word of `struct seccomp_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Word {
    /// The audit architecture of the ABI.
    Arch,
    /// The system call's number.
    Number,
    /// The high half of the instruction pointer.
    PointerHigh,
    /// Its low half.
    PointerLow,
    /// The high half of an argument.
    High(u8),
    /// Its low half.
    Low(u8),
}

/// Opcodes, as `linux/bpf_common.h` composes them: class, then size and mode or operation and source.
pub mod opcode {
    /// `BPF_LD | BPF_W | BPF_ABS`: load the word at offset k.
    pub const LOAD: u16 = 0x20;
    /// `BPF_ALU | BPF_AND | BPF_K`: keep the bits of k.
    pub const AND: u16 = 0x54;
    /// `BPF_JMP | BPF_JA`: skip k instructions.
    pub const JUMP: u16 = 0x05;
    /// `BPF_JMP | BPF_JEQ | BPF_K`: is the accumulator k?
    pub const JUMP_EQUAL: u16 = 0x15;
    /// `BPF_JMP | BPF_JGT | BPF_K`: is it above k, unsigned?
    pub const JUMP_ABOVE: u16 = 0x25;
    /// `BPF_JMP | BPF_JGE | BPF_K`: is it k or above, unsigned?
    pub const JUMP_AT_LEAST: u16 = 0x35;
    /// `BPF_JMP | BPF_JSET | BPF_K`: has it any bit of k?
    pub const JUMP_ANY_BIT: u16 = 0x45;
    /// `BPF_RET | BPF_K`: answer k.
    pub const RETURN: u16 = 0x06;
    /// All of them.
    pub const ALL: [u16; 8] = [LOAD, AND, JUMP, JUMP_EQUAL, JUMP_ABOVE, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN];
}

impl Word {
    /// Its offset in `struct seccomp_data`, which the byte order decides.
    pub const fn offset(self, endian: Endian) -> u32 {
        let (low, high) = match endian {
            Endian::Little => (0, 4),
            Endian::Big => (4, 0),
        };
        match self {
            Self::Number => 0,
            Self::Arch => 4,
            Self::PointerLow => 8 + low,
            Self::PointerHigh => 8 + high,
            Self::Low(argument) => 16 + 8 * argument as u32 + low,
            Self::High(argument) => 16 + 8 * argument as u32 + high,
        }
    }

    /// The word at an offset; `None` where no word begins.
    pub const fn at(offset: u32, endian: Endian) -> Option<Self> {
        if offset & 3 != 0 || offset >= 64 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the offset is below 64")]
        let (double, second) = (offset as u8 >> 3, offset & 4 != 0);
        let high = second == matches!(endian, Endian::Little);
        Some(match (double, high) {
            (0, _) if second => Self::Arch,
            (0, _) => Self::Number,
            (1, true) => Self::PointerHigh,
            (1, false) => Self::PointerLow,
            (argument, true) => Self::High(argument - 2),
            (argument, false) => Self::Low(argument - 2),
        })
    }

    /// What it holds for a call.
    #[expect(clippy::cast_possible_truncation, reason = "a half of 64 bits has 32")]
    pub const fn of(self, call: &Call) -> u32 {
        match self {
            Self::Arch => call.arch,
            Self::Number => call.number,
            Self::PointerHigh => (call.instruction_pointer >> 32) as u32,
            Self::PointerLow => call.instruction_pointer as u32,
            Self::High(argument) => (call.arguments[argument as usize] >> 32) as u32,
            Self::Low(argument) => call.arguments[argument as usize] as u32,
        }
    }
}

impl Program {
    /// What the program returns to the kernel for a call; `None` if the kernel would not accept the program.
    pub fn run(&self, call: &Call) -> Option<u32> {
        self.follow(call, |_| {})
    }

    /// How many instructions the kernel executes for a call; `None` if it would not accept the program.
    pub fn executed(&self, call: &Call) -> Option<usize> {
        let mut executed = 0;
        self.follow(call, |_| executed += 1).map(|_| executed)
    }

    /// Runs the program like [`run`](Self::run), and visits the index of each instruction that it executes.
    pub fn follow(&self, call: &Call, mut visit: impl FnMut(usize)) -> Option<u32> {
        let mut accumulator = 0_u32;
        let mut at = 0_usize;
        loop {
            let Instruction { code, jt, jf, k } = *self.instructions.get(at)?;
            let branch = |holds: bool| usize::from(if holds { jt } else { jf });
            visit(at);
            at += 1;
            match code {
                opcode::LOAD => accumulator = Word::at(k, self.endian)?.of(call),
                opcode::AND => accumulator &= k,
                opcode::JUMP => at = at.checked_add(usize::try_from(k).ok()?)?,
                opcode::JUMP_EQUAL => at += branch(accumulator == k),
                opcode::JUMP_ABOVE => at += branch(accumulator > k),
                opcode::JUMP_AT_LEAST => at += branch(accumulator >= k),
                opcode::JUMP_ANY_BIT => at += branch(accumulator & k != 0),
                opcode::RETURN => return Some(k),
                _ => return None,
            }
        }
    }

    /// The first instruction that returns what is no action. The kernel kills the process for it, but of several filters'
    /// answers it takes the least, and only that of `kill_process` is below all others.
    pub fn unknown_action(&self) -> Option<usize> {
        let is_action =
            |value: u32| ActionKind::ALL.iter().any(|kind| kind.return_value() == value & 0xffff_0000);
        self.instructions
            .iter()
            .position(|instruction| instruction.code == opcode::RETURN && !is_action(instruction.k))
    }

    /// The program as the kernel of its target reads it: an array of `struct sock_filter`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = |instruction: &Instruction| {
            let Instruction { code, jt, jf, k } = *instruction;
            let (code, k) = match self.endian {
                Endian::Little => (code.to_le_bytes(), k.to_le_bytes()),
                Endian::Big => (code.to_be_bytes(), k.to_be_bytes()),
            };
            [code[0], code[1], jt, jf, k[0], k[1], k[2], k[3]]
        };
        self.instructions.iter().flat_map(bytes).collect()
    }

    /// The program in such an array; `None` unless the bytes are whole instructions.
    pub fn from_bytes(bytes: &[u8], endian: Endian) -> Option<Self> {
        let (instructions, rest) = bytes.as_chunks::<8>();
        let instruction = |[c0, c1, jt, jf, k0, k1, k2, k3]: &[u8; 8]| {
            let (code, k) = ([*c0, *c1], [*k0, *k1, *k2, *k3]);
            let (code, k) = match endian {
                Endian::Little => (u16::from_le_bytes(code), u32::from_le_bytes(k)),
                Endian::Big => (u16::from_be_bytes(code), u32::from_be_bytes(k)),
            };
            Instruction { code, jt: *jt, jf: *jf, k }
        };
        rest.is_empty().then(|| Self { instructions: instructions.iter().map(instruction).collect(), endian })
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arch => f.write_str("arch"),
            Self::Number => f.write_str("nr"),
            Self::PointerHigh => f.write_str("ip.high"),
            Self::PointerLow => f.write_str("ip.low"),
            Self::High(argument) => write!(f, "args[{argument}].high"),
            Self::Low(argument) => write!(f, "args[{argument}].low"),
        }
    }
}

/// The disassembly: one instruction a line, in the syntax of bpf_asm(8), with line numbers as jump targets.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Instruction { code, jt, jf, k }) in self.instructions.iter().enumerate() {
            write!(f, "{at:>4}: ")?;
            let next = at + 1;
            let jump = |f: &mut fmt::Formatter<'_>, name: &str| {
                let (holds, fails) = (next + usize::from(*jt), next + usize::from(*jf));
                writeln!(f, "{name:<5}#{k:#x}, {holds}, {fails}")
            };
            match *code {
                opcode::LOAD => match Word::at(*k, self.endian) {
                    Some(word) => writeln!(f, "ld   [{k}]  ; {word}")?,
                    None => writeln!(f, "ld   [{k}]")?,
                },
                opcode::AND => writeln!(f, "and  #{k:#x}")?,
                opcode::JUMP => writeln!(f, "jmp  {}", next as u64 + u64::from(*k))?,
                opcode::JUMP_EQUAL => jump(f, "jeq")?,
                opcode::JUMP_ABOVE => jump(f, "jgt")?,
                opcode::JUMP_AT_LEAST => jump(f, "jge")?,
                opcode::JUMP_ANY_BIT => jump(f, "jset")?,
                opcode::RETURN => {
                    writeln!(f, "ret  #{k:#x}  ; {}", crate::engine::rules::Verdict::from_return_value(*k))?
                }
                _ => writeln!(f, "code {code:#x}, {jt}, {jf}, {k:#x}")?,
            }
        }
        Ok(())
    }
}
