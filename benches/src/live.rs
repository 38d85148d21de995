//! Programs without the instructions that are never reached.

use seccomp_compiler::{Instruction, Program, opcode};

/// The program without instructions that no jump leads to, which the proof refuses and some peers emit.
pub(crate) fn without_dead_code(program: &Program) -> Program {
    let next = |at: usize| {
        let Instruction { code, jt, jf, k } = program.instructions[at];
        match code {
            opcode::RETURN => vec![],
            opcode::JUMP => vec![at + 1 + k as usize],
            opcode::JUMP_EQUAL | opcode::JUMP_ABOVE | opcode::JUMP_AT_LEAST | opcode::JUMP_ANY_BIT => {
                vec![at + 1 + usize::from(jt), at + 1 + usize::from(jf)]
            }
            _ => vec![at + 1],
        }
    };
    let count = program.instructions.len();
    let mut reached = vec![false; count];
    let mut pending = vec![0];
    while let Some(at) = pending.pop().filter(|at| *at < count) {
        if !core::mem::replace(&mut reached[at], true) {
            pending.extend(next(at));
        }
    }
    let live = |from: usize, to: usize| reached[from..to].iter().filter(|reached| **reached).count();
    let kept = (0..count).filter(|at| reached[*at]).map(|at| {
        let Instruction { code, jt, jf, k } = program.instructions[at];
        let skip = |by: usize| live(at + 1, at + 1 + by);
        let short = |by: u8| u8::try_from(skip(by.into())).unwrap_or(by);
        let k = if code == opcode::JUMP { u32::try_from(skip(k as usize)).unwrap_or(k) } else { k };
        Instruction { code, jt: short(jt), jf: short(jf), k }
    });
    Program { instructions: kept.collect(), endian: program.endian }
}
