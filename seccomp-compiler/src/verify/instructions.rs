//! A program as a diagram, by running it on all calls at once.
//!
//! Jumps only lead forward, so one pass from the start finds what the accumulator can hold at each instruction, and
//! one pass from the end gives each such state its function.

use super::Refused;
use crate::diagram::{Diagrams, Id, Leaf, OverBudget, Relation};
use crate::program::{Instruction, MAX_INSTRUCTIONS, Program, Word, opcode};
use crate::rules::Verdict;

/// What the kernel asks of a program (`bpf_check_classic` and `seccomp_check_filter`), and that all of it is of use.
pub(super) fn check(program: &Program) -> Result<(), Refused> {
    let instructions = &program.instructions;
    let length = instructions.len();
    let malformed = |at, reason| Err(Refused::Malformed { at, reason });
    if length > MAX_INSTRUCTIONS {
        return malformed(MAX_INSTRUCTIONS, "the program is longer than 4096 instructions");
    }
    match instructions.last() {
        None => return malformed(0, "the program is empty"),
        Some(last) if last.code != opcode::RETURN => {
            return malformed(length - 1, "the program does not end in a return");
        }
        Some(_) => {}
    }
    let mut reached = vec![false; length];
    reached[0] = true;
    for (at, instruction) in instructions.iter().enumerate() {
        if !reached[at] {
            return malformed(at, "the instruction is never reached");
        }
        if instruction.code == opcode::LOAD && Word::at(instruction.k, program.endian).is_none() {
            return malformed(at, "the load is not of a word of the call");
        }
        let Some(next) = successors(instruction) else {
            return malformed(at, "the instruction is none that a filter of this kind uses");
        };
        for skip in next {
            match usize::try_from(skip).ok().and_then(|skip| reached.get_mut(at + 1 + skip)) {
                Some(target) => *target = true,
                None => return malformed(at, "the jump leads out of the program"),
            }
        }
    }
    Ok(())
}

/// How many instructions an instruction can skip; `None` for one that is not known.
fn successors(instruction: &Instruction) -> Option<Vec<u32>> {
    match instruction.code {
        opcode::LOAD | opcode::AND => Some(vec![0]),
        opcode::JUMP => Some(vec![instruction.k]),
        opcode::RETURN => Some(vec![]),
        opcode::JUMP_EQUAL | opcode::JUMP_ABOVE | opcode::JUMP_AT_LEAST | opcode::JUMP_ANY_BIT => {
            Some(vec![instruction.jt.into(), instruction.jf.into()])
        }
        _ => None,
    }
}

/// What the accumulator holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Constant(u32),
    Masked(Word, u32),
}

/// What an instruction does to a state.
enum Step {
    Return(Verdict),
    Next(usize, Held),
    /// Tests the word under the mask; then on to either instruction.
    Test {
        word: Word,
        mask: u32,
        relation: Relation,
        value: u32,
        yes: usize,
        no: usize,
    },
}

/// The function that a checked program computes.
pub(super) fn diagram(diagrams: &mut Diagrams, program: &Program) -> Result<Id, OverBudget> {
    let mut states = vec![Vec::new(); program.instructions.len()];
    // The kernel clears the accumulator before it runs a program.
    reach(diagrams, &mut states, 0, Held::Constant(0))?;
    for at in 0..states.len() {
        for state in 0..states[at].len() {
            let held = states[at][state].held;
            match step(program, at, held) {
                Step::Return(_) => {}
                Step::Next(next, then) => reach(diagrams, &mut states, next, then)?,
                Step::Test { yes, no, .. } => {
                    reach(diagrams, &mut states, yes, held)?;
                    reach(diagrams, &mut states, no, held)?;
                }
            }
        }
    }
    // A state that is not filled in yet would be no function of the rules, and fail the comparison.
    let undecided = diagrams.leaf(Leaf::Undecided)?;
    let mut function = undecided;
    for at in (0..states.len()).rev() {
        for state in 0..states[at].len() {
            let held = states[at][state].held;
            function = match step(program, at, held) {
                Step::Return(verdict) => diagrams.leaf(Leaf::Answer(verdict))?,
                Step::Next(next, then) => function_of(&states[next], then).unwrap_or(undecided),
                Step::Test { word, mask, relation, value, yes, no } => {
                    let yes = function_of(&states[yes], held).unwrap_or(undecided);
                    let no = function_of(&states[no], held).unwrap_or(undecided);
                    diagrams.branch(word, mask, relation, value, yes, no)?
                }
            };
            states[at][state].function = Some(function);
        }
    }
    // The last that was filled in is the only state of the first instruction.
    Ok(function)
}

/// What the accumulator can hold at an instruction, and what the program does from there.
#[derive(Debug, Clone, Copy)]
struct State {
    held: Held,
    function: Option<Id>,
}

/// Adds a state of the instruction, unless it is known.
fn reach(
    diagrams: &mut Diagrams,
    states: &mut [Vec<State>],
    at: usize,
    held: Held,
) -> Result<(), OverBudget> {
    let states = &mut states[at];
    diagrams.spend(1 + states.len())?;
    if !states.iter().any(|known| known.held == held) {
        states.push(State { held, function: None });
    }
    Ok(())
}

fn function_of(states: &[State], held: Held) -> Option<Id> {
    states.iter().find(|known| known.held == held).and_then(|known| known.function)
}

fn step(program: &Program, at: usize, held: Held) -> Step {
    let Instruction { code, jt, jf, k } = program.instructions[at];
    let (yes, no) = (at + 1 + usize::from(jt), at + 1 + usize::from(jf));
    let test = |mask_of_test: u32, relation, value, yes, no| match held {
        Held::Masked(word, mask) => Step::Test { word, mask: mask & mask_of_test, relation, value, yes, no },
        Held::Constant(constant) => {
            let constant = constant & mask_of_test;
            let holds = match relation {
                Relation::Equal => constant == value,
                Relation::AtLeast => constant >= value,
            };
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
        // No bit of k is the same as: under the mask k it is zero.
        opcode::JUMP_ANY_BIT => test(k, Relation::Equal, 0, no, yes),
        // A checked program has nothing else but returns.
        _ => Step::Return(Verdict::from_return_value(k)),
    }
}
