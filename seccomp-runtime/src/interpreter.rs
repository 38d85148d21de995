//! An interpreter for programs that the compiler makes.

use crate::filter::Instruction;

/// Opcodes of `linux/bpf_common.h`, as the compiler names them.
mod opcode {
    /// `BPF_LD | BPF_W | BPF_ABS`
    pub(super) const LOAD: u16 = 0x20;
    /// `BPF_ALU | BPF_AND | BPF_K`
    pub(super) const AND: u16 = 0x54;
    /// `BPF_JMP | BPF_JA`
    pub(super) const JUMP: u16 = 0x05;
    /// `BPF_JMP | BPF_JEQ | BPF_K`
    pub(super) const JUMP_EQUAL: u16 = 0x15;
    /// `BPF_JMP | BPF_JGT | BPF_K`
    pub(super) const JUMP_ABOVE: u16 = 0x25;
    /// `BPF_JMP | BPF_JGE | BPF_K`
    pub(super) const JUMP_AT_LEAST: u16 = 0x35;
    /// `BPF_JMP | BPF_JSET | BPF_K`
    pub(super) const JUMP_ANY_BIT: u16 = 0x45;
    /// `BPF_RET | BPF_K`
    pub(super) const RETURN: u16 = 0x06;
}

/// What the program returns for these words of `struct seccomp_data`. `None` if it loads an unknown word, or is not a
/// program that the kernel accepts.
pub(crate) fn run(program: &[Instruction], data: &[Option<u32>; 16]) -> Option<u32> {
    let mut accumulator = 0;
    let mut rest = program;
    loop {
        let (Instruction { code, jt, jf, k }, after) = rest.split_first()?;
        let condition = match *code {
            opcode::RETURN => return Some(*k),
            opcode::LOAD => {
                accumulator = (*data.get(usize::try_from(k / 4).ok()?)?)?;
                None
            }
            opcode::AND => {
                accumulator &= k;
                None
            }
            opcode::JUMP => {
                rest = after.get(usize::try_from(*k).ok()?..)?;
                continue;
            }
            opcode::JUMP_EQUAL => Some(accumulator == *k),
            opcode::JUMP_ABOVE => Some(accumulator > *k),
            opcode::JUMP_AT_LEAST => Some(accumulator >= *k),
            opcode::JUMP_ANY_BIT => Some(accumulator & k != 0),
            _ => return None,
        };
        let skip = match condition {
            None => 0,
            Some(true) => usize::from(*jt),
            Some(false) => usize::from(*jf),
        };
        rest = after.get(skip..)?;
    }
}
