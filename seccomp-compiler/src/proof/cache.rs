//! The kernel's cache of calls that are always allowed.
//!
//! Since 5.11 the kernel runs a new filter once for each number, knowing only the architecture and the number
//! (`seccomp_is_const_allow` of `kernel/seccomp.c`). Where these alone lead to ALLOW, it never runs the filter for that call
//! again. The run gives up at the first instruction that it does not know, or that loads anything else.

use super::Refused;
use super::rules::Meaning;
use crate::engine::program::{Instruction, Program, Word, opcode};
use crate::engine::rules::{AbiRules, RuleSet, Verdict};
use crate::proof::diagram::{Diagrams, Id, Leaf};

/// Checks that every number that the rules always allow is answered from the cache, and counts these numbers.
pub(super) fn check(
    rules: &RuleSet,
    program: &Program,
    diagrams: &Diagrams,
    meaning: &Meaning,
) -> Result<usize, Refused> {
    let mut cached = 0;
    let plain = plain(program);
    for (arch, outcomes) in &meaning.numbers {
        let mut outcomes = outcomes.as_slice();
        let mut allowed = is_allow(diagrams, outcomes[0].1);
        let mut check = |number| {
            while outcomes.len() > 1 && outcomes[1].0 <= number {
                outcomes = &outcomes[1..];
                allowed = is_allow(diagrams, outcomes[0].1);
            }
            if allowed {
                cached += 1;
                if !is_const_allow(program, &plain, *arch, number) {
                    return Err(Refused::NotCached { arch: *arch, number });
                }
            }
            Ok(())
        };
        for abi in rules.under(*arch) {
            for_each_number(abi, &mut check)?;
        }
    }
    Ok(cached)
}

/// Visits the numbers of an ABI's table and of its rules, in order. The kernel's own are all in the table.
fn for_each_number(abi: &AbiRules, check: impl FnMut(u32) -> Result<(), Refused>) -> Result<(), Refused> {
    let table = abi.architecture.table();
    let mut beyond: Vec<u32> =
        abi.rules.iter().map(|rule| rule.number).filter(|number| *number >= table.end).collect();
    beyond.sort_unstable();
    beyond.dedup();
    table.chain(beyond).try_for_each(check)
}

fn is_allow(diagrams: &Diagrams, id: Id) -> bool {
    diagrams.as_leaf(id) == Some(Leaf::Answer(Verdict::Allow))
}

/// The instructions from which every path is one that the kernel follows to the end, where it returns a constant. A run
/// that reaches one need not be followed further: the proof has shown what it returns.
fn plain(program: &Program) -> Vec<bool> {
    let count = program.instructions.len();
    let mut plain = vec![false; count];
    for at in (0..count).rev() {
        let Instruction { code, jt, jf, k } = program.instructions[at];
        let from = |skip: usize| plain.get((at + 1).saturating_add(skip)).copied().unwrap_or(false);
        plain[at] = match code {
            opcode::LOAD => known(k, program) && from(0),
            opcode::AND => from(0),
            opcode::JUMP => from(usize::try_from(k).unwrap_or(usize::MAX)),
            opcode::JUMP_EQUAL | opcode::JUMP_ABOVE | opcode::JUMP_AT_LEAST | opcode::JUMP_ANY_BIT => {
                from(jt.into()) && from(jf.into())
            }
            opcode::RETURN => {
                k == Verdict::Allow.return_value() || Verdict::from_return_value(k) != Verdict::Allow
            }
            _ => false,
        };
    }
    plain
}

/// Whether the kernel knows the value of the loaded word in advance.
fn known(offset: u32, program: &Program) -> bool {
    [Word::Number, Word::Arch].iter().any(|word| word.offset(program.endian) == offset)
}

/// The kernel's run of a checked program for a number that is always allowed: whether it finds that out.
fn is_const_allow(program: &Program, plain: &[bool], arch: u32, number: u32) -> bool {
    let instructions = &program.instructions[..];
    let mut accumulator = 0_u32;
    let mut at = 0_usize;
    while at < instructions.len() {
        if plain[at] {
            return true;
        }
        let Instruction { code, jt, jf, k } = instructions[at];
        at += 1;
        let holds = match code {
            opcode::LOAD => {
                accumulator = match Word::at(k, program.endian) {
                    Some(Word::Number) => number,
                    Some(Word::Arch) => arch,
                    _ => return false,
                };
                continue;
            }
            opcode::AND => {
                accumulator &= k;
                continue;
            }
            opcode::JUMP => {
                at = at.saturating_add(usize::try_from(k).unwrap_or(usize::MAX));
                continue;
            }
            opcode::JUMP_EQUAL => accumulator == k,
            opcode::JUMP_ABOVE => accumulator > k,
            opcode::JUMP_AT_LEAST => accumulator >= k,
            opcode::JUMP_ANY_BIT => accumulator & k != 0,
            // To the kernel, an ALLOW with data in its low bits is not a constant one.
            opcode::RETURN => return k == Verdict::Allow.return_value(),
            _ => return false,
        };
        at += usize::from(if holds { jt } else { jf });
    }
    false
}
