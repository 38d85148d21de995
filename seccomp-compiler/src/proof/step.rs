//! What one instruction does, as far as it can be known without a call.

use crate::engine::program::{Instruction, Program, Word, opcode};
use crate::engine::rules::Verdict;
use crate::proof::diagram::Relation;

/// What the accumulator holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Constant(u32),
    Masked(Word, u32),
}

/// What an instruction does to a state.
pub(super) enum Step {
    Return(Verdict),
    Next(usize, Held),
    /// Tests the word under the mask and goes on at either instruction.
    Test {
        word: Word,
        mask: u32,
        relation: Relation,
        value: u32,
        yes: usize,
        no: usize,
    },
}

/// What the instruction at this index of a checked program does while the accumulator holds this.
pub(super) fn step(program: &Program, at: usize, held: Held) -> Step {
    let Instruction { code, jt, jf, k } = program.instructions[at];
    let (yes, no) = (at + 1 + usize::from(jt), at + 1 + usize::from(jf));
    let test = |mask_of_test: u32, relation, value, yes, no| match held {
        Held::Masked(word, mask) => Step::Test { word, mask: mask & mask_of_test, relation, value, yes, no },
        Held::Constant(constant) => {
            let holds = relation.holds(constant & mask_of_test, value);
            Step::Next(if holds { yes } else { no }, held)
        }
    };
    match code {
        opcode::LOAD => {
            let loaded =
                Word::at(k, program.endian).map_or(Held::Constant(0), |word| Held::Masked(word, u32::MAX));
            Step::Next(at + 1, loaded)
        }
        opcode::AND => match held {
            Held::Constant(constant) => Step::Next(at + 1, Held::Constant(constant & k)),
            Held::Masked(word, mask) => Step::Next(at + 1, Held::Masked(word, mask & k)),
        },
        opcode::JUMP => Step::Next(usize::try_from(k).map_or(at, |skip| at + 1 + skip), held),
        opcode::JUMP_EQUAL => test(u32::MAX, Relation::Equal, k, yes, no),
        opcode::JUMP_AT_LEAST => test(u32::MAX, Relation::AtLeast, k, yes, no),
        opcode::JUMP_ABOVE => match k.checked_add(1) {
            Some(above) => test(u32::MAX, Relation::AtLeast, above, yes, no),
            None => Step::Next(no, held),
        },
        // No bit of k is set if and only if the word under the mask k is zero.
        opcode::JUMP_ANY_BIT => test(k, Relation::Equal, 0, no, yes),
        // All that is left in a checked program are returns.
        _ => Step::Return(Verdict::from_return_value(k)),
    }
}
