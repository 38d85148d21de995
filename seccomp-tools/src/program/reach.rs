//! What the tests of a program are about: the calls with rules, and newer ones, are followed through it, both ways at
//! each test of an argument.

use std::collections::BTreeSet;

use seccomp_compiler::{AbiRules, Instruction, Program, RuleSet, Word, opcode};

/// What is known of one instruction.
#[derive(Debug, Clone, Default)]
pub(super) struct Reached {
    /// The word that is tested, under a mask.
    pub(super) tested: Option<(Word, u32)>,
    /// The calls that get there, as the index of their ABI and their number.
    pub(super) calls: BTreeSet<(usize, u32)>,
}

/// What is known of each instruction.
pub(super) fn reached(program: &Program, rules: &RuleSet) -> Vec<Reached> {
    let mut reached = vec![Reached::default(); program.instructions.len()];
    for (index, abi) in rules.abis.iter().enumerate() {
        let numbers = abi.rules.iter().map(|rule| rule.number);
        let newer = [abi.architecture.table_end(), *abi.numbers().end()];
        for number in numbers.chain(newer).collect::<BTreeSet<u32>>() {
            follow(program, abi, index, number, &mut reached);
        }
    }
    reached
}

fn follow(program: &Program, abi: &AbiRules, index: usize, number: u32, reached: &mut [Reached]) {
    let mut seen = BTreeSet::new();
    let mut pending = vec![(0_usize, None::<(Word, u32)>)];
    while let Some((at, loaded)) = pending.pop() {
        let Some(instruction) = program.instructions.get(at).copied() else { continue };
        if !seen.insert((at, loaded)) {
            continue;
        }
        reached[at].calls.insert((index, number));
        let next = at + 1;
        let value = match loaded {
            Some((Word::Arch, mask)) => Some(abi.architecture.audit() & mask),
            Some((Word::Number, mask)) => Some(number & mask),
            _ => None,
        };
        let Instruction { code, jt, jf, k } = instruction;
        match code {
            opcode::LOAD => pending.push((next, Word::at(k, program.endian).map(|word| (word, u32::MAX)))),
            opcode::AND => pending.push((next, loaded.map(|(word, mask)| (word, mask & k)))),
            opcode::JUMP => {
                pending.push((next.saturating_add(usize::try_from(k).unwrap_or(usize::MAX)), loaded))
            }
            opcode::RETURN => {}
            _ => {
                reached[at].tested = loaded;
                let known = value.and_then(|value| holds(instruction, value));
                if known != Some(false) {
                    pending.push((next + usize::from(jt), loaded));
                }
                if known != Some(true) {
                    pending.push((next + usize::from(jf), loaded));
                }
            }
        }
    }
}

/// Whether a test holds for a value.
const fn holds(Instruction { code, k, .. }: Instruction, value: u32) -> Option<bool> {
    match code {
        opcode::JUMP_EQUAL => Some(value == k),
        opcode::JUMP_ABOVE => Some(value > k),
        opcode::JUMP_AT_LEAST => Some(value >= k),
        opcode::JUMP_ANY_BIT => Some(value & k != 0),
        _ => None,
    }
}
