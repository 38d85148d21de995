//! A program as a diagram, by running it on all calls at once.
//!
//! Jumps only lead forward, so one pass from the start finds what the accumulator can hold at each instruction, and
//! one pass from the end gives each such state its function.

use super::step::{Held, Step, step};
use super::{Refused, ranges};
use crate::engine::program::{Instruction, MAX_INSTRUCTIONS, Program, Word, opcode};
use crate::kernel::architecture::Endian;
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget, Pieces};

/// Checks that the kernel accepts the program (`bpf_check_classic` and `seccomp_check_filter`). Returns the first
/// instruction that is never reached, which the kernel does not mind.
pub(super) fn check(program: &Program) -> Result<Option<usize>, Refused> {
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
        let (yes, no) = match skips(*instruction, program.endian) {
            Ok(Some(skips)) => skips,
            Ok(None) => continue,
            Err(reason) => return malformed(at, reason),
        };
        let left = length - 1 - at;
        match (usize::try_from(yes), usize::try_from(no)) {
            (Ok(yes), Ok(no)) if yes < left && no < left => {
                // What only unreachable instructions lead to is unreachable, too.
                reached[at + 1 + yes] |= reached[at];
                reached[at + 1 + no] |= reached[at];
            }
            _ => return malformed(at, "the jump leads out of the program"),
        }
    }
    Ok(reached.iter().position(|reached| !reached))
}

/// How many instructions are skipped where a test holds and where it fails; `None` for a return.
fn skips(instruction: Instruction, endian: Endian) -> Result<Option<(u32, u32)>, &'static str> {
    let Instruction { code, jt, jf, k } = instruction;
    match code {
        opcode::LOAD if Word::at(k, endian).is_none() => Err("the load is not of a word of the call"),
        opcode::LOAD | opcode::AND => Ok(Some((0, 0))),
        opcode::JUMP => Ok(Some((k, k))),
        opcode::JUMP_EQUAL | opcode::JUMP_ABOVE | opcode::JUMP_AT_LEAST | opcode::JUMP_ANY_BIT => {
            Ok(Some((jt.into(), jf.into())))
        }
        opcode::RETURN => Ok(None),
        _ => Err("the instruction is none that a filter of this kind uses"),
    }
}

/// The function that a checked program computes.
///
/// The first pass finds, for each instruction, every state of the accumulator with which some path reaches it. The
/// second gives each of these states its function, from the functions of the instructions behind it.
pub(crate) fn diagram(diagrams: &mut Diagrams, program: &Program) -> Result<Id, OverBudget> {
    let mut states = vec![Vec::new(); program.instructions.len()];
    // The kernel clears the accumulator before it runs a program.
    reach(diagrams, &mut states, 0, Held::Constant(0))?;
    let mut searched = true;
    for at in 0..states.len() {
        for state in 0..states[at].len() {
            let held = states[at][state].held;
            match step(program, at, held) {
                Step::Return(_) => {}
                Step::Next(next, then) => reach(diagrams, &mut states, next, then)?,
                Step::Test { word, mask, yes, no, .. } => {
                    let whole = mask == u32::MAX && matches!(word, Word::Arch | Word::Number);
                    let ranges =
                        if whole && searched { ranges::of(diagrams, program, at, held)? } else { Vec::new() };
                    if ranges.is_empty() {
                        // What took too long from here would take as long from the next test.
                        searched &= !whole;
                        reach(diagrams, &mut states, yes, held)?;
                        reach(diagrams, &mut states, no, held)?;
                    }
                    for (_, to) in &ranges {
                        reach(diagrams, &mut states, *to, held)?;
                    }
                    states[at][state].ranges = ranges;
                }
            }
        }
    }
    functions(diagrams, program, states)
}

/// The function of each state, from those of the last instruction to that of the first.
fn functions(
    diagrams: &mut Diagrams,
    program: &Program,
    mut states: Vec<Vec<State>>,
) -> Result<Id, OverBudget> {
    // The placeholder is in no function of the rules, so a state that were left out would fail the comparison.
    let undecided = diagrams.leaf(Leaf::Undecided)?;
    let mut function = undecided;
    for at in (0..states.len()).rev() {
        for state in 0..states[at].len() {
            let State { held, ref ranges, .. } = states[at][state];
            let function_at = |to: usize, held| function_of(&states[to], held).unwrap_or(undecided);
            function = match step(program, at, held) {
                Step::Return(verdict) => diagrams.leaf(Leaf::Answer(verdict))?,
                Step::Next(next, then) => function_at(next, then),
                Step::Test { word, .. } if !ranges.is_empty() => {
                    let mut pieces = Pieces::new(undecided);
                    for (start, to) in ranges {
                        pieces.begin(*start, function_at(*to, held));
                    }
                    diagrams.pieces(word, &pieces)?
                }
                Step::Test { word, mask, relation, value, yes, no } => diagrams.branch(
                    word,
                    mask,
                    relation,
                    value,
                    function_at(yes, held),
                    function_at(no, held),
                )?,
            };
            states[at][state].function = Some(function);
        }
    }
    // The last one filled in is the only state of the first instruction.
    Ok(function)
}

/// What the accumulator can hold at an instruction, and what the program does from there.
#[derive(Debug, Clone)]
struct State {
    held: Held,
    /// Where ranges of the number or the audit architecture lead, if the instruction is the first of a search among
    /// them.
    ranges: Vec<(u64, usize)>,
    function: Option<Id>,
}

/// Adds a state of the instruction, unless it has it already.
fn reach(
    diagrams: &mut Diagrams,
    states: &mut [Vec<State>],
    at: usize,
    held: Held,
) -> Result<(), OverBudget> {
    let states = &mut states[at];
    diagrams.spend(1 + states.len())?;
    if !states.iter().any(|known| known.held == held) {
        states.push(State { held, ranges: Vec::new(), function: None });
    }
    Ok(())
}

fn function_of(states: &[State], held: Held) -> Option<Id> {
    states.iter().find(|known| known.held == held).and_then(|known| known.function)
}
