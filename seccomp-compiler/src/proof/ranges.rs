//! A search among numbers or audit architectures, followed range by range. Most of a program is such a search, and
//! composing its tests bit by bit would take most of a proof.

use super::step::{Held, Step, step};
use crate::engine::program::Program;
use crate::proof::diagram::{Diagrams, OverBudget, Relation};

/// The step budget for each instruction of the program. A search makes few tests for a range; where each range makes
/// most of them, composing the tests is faster.
const STEPS: usize = 32;

/// Follows every range of the word in the accumulator through jumps and comparisons: where it starts, and the
/// instruction that it reaches, which is neither a jump nor a test that tells few ranges apart. Of several with one
/// start, the last one counts. Empty where the step budget is exceeded.
pub(super) fn of(
    diagrams: &mut Diagrams,
    program: &Program,
    at: usize,
    held: Held,
) -> Result<Vec<(u64, usize)>, OverBudget> {
    let (pending, single) = (vec![(0, u32::MAX, at)], Vec::new());
    let left = STEPS * program.instructions.len();
    let mut search = RangeWalk { diagrams, program, left, pending, single, found: Vec::new() };
    while let Some((first, last, at)) = search.pending.pop() {
        search.spend()?;
        if search.left == 0 {
            return Ok(Vec::new());
        }
        match step(program, at, held) {
            Step::Next(next, then) if then == held => search.pending.push((first, last, next)),
            Step::Test { mask: u32::MAX, relation: Relation::Equal, value, yes, no, .. } => {
                if first <= value && value <= last {
                    search.single(value, yes)?;
                }
                search.pending.push((first, last, no));
            }
            Step::Test { mask: u32::MAX, relation: Relation::AtLeast, value, yes, no, .. } => {
                if value <= last {
                    search.pending.push((first.max(value), last, yes));
                }
                if first < value {
                    search.pending.push((first, last.min(value - 1), no));
                }
            }
            Step::Test { mask, relation, value, yes, no, .. } if few_blocks(first, last, mask) => {
                search.blocks(first, last, mask, |word| {
                    if relation.holds(word & mask, value) { yes } else { no }
                })?;
            }
            _ => search.end(first, last, at),
        }
    }
    Ok(search.found)
}

struct RangeWalk<'a> {
    diagrams: &'a mut Diagrams,
    program: &'a Program,
    /// The steps left.
    left: usize,
    /// Ranges to follow, the lowest last: the first value, the last one, and the instruction they are at.
    pending: Vec<(u32, u32, usize)>,
    /// Single values that a test took out of a range, and where they lead, in order, until that range ends.
    single: Vec<(u32, usize)>,
    found: Vec<(u64, usize)>,
}

/// At most this many blocks are followed one by one.
const BLOCKS: u32 = 256;

/// The bits below the lowest one of a mask, which it does not tell apart.
fn below(mask: u32) -> u32 {
    !mask & mask.wrapping_sub(1)
}

fn few_blocks(first: u32, last: u32, mask: u32) -> bool {
    (last - first) / BLOCKS <= below(mask)
}

impl RangeWalk<'_> {
    fn spend(&mut self) -> Result<(), OverBudget> {
        self.left = self.left.saturating_sub(1);
        self.diagrams.spend(1)
    }

    /// Follows a single value by itself, unless an earlier test took it out already.
    fn single(&mut self, value: u32, at: usize) -> Result<(), OverBudget> {
        let Err(slot) = self.single.binary_search_by_key(&value, |(of, _)| *of) else { return Ok(()) };
        let (mut at, held) = (at, Held::Constant(value));
        while let Step::Next(next, then) = step(self.program, at, held)
            && then == held
        {
            self.spend()?;
            at = next;
        }
        self.single.insert(slot, (value, at));
        Ok(())
    }

    /// Splits a range where a mask tells values apart.
    fn blocks(
        &mut self,
        first: u32,
        last: u32,
        mask: u32,
        to: impl Fn(u32) -> usize,
    ) -> Result<(), OverBudget> {
        let mut end = last;
        loop {
            self.spend()?;
            let (start, at) = ((end & !below(mask)).max(first), to(end));
            match self.pending.last_mut() {
                // The range above was pushed last.
                Some((above, _, known)) if *known == at => *above = start,
                _ => self.pending.push((start, end, at)),
            }
            if start == first {
                return Ok(());
            }
            end = start - 1;
        }
    }

    /// Ends a range at the instruction that it reached.
    fn end(&mut self, first: u32, last: u32, at: usize) {
        self.found.push((first.into(), at));
        let inside = self.single.partition_point(|(value, _)| *value <= last);
        for (value, to) in self.single.drain(..inside) {
            self.found.push((value.into(), to));
            self.found.push((u64::from(value) + 1, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::program::{Instruction, Word, opcode};
    use crate::engine::rules::Verdict;
    use crate::kernel::architecture::Endian;
    use crate::kernel::call::Call;
    use crate::proof::diagram::Budget;

    const TESTS: u32 = 12;

    /// A load of the number, tests and jumps that lead anywhere below, and returns that differ.
    fn program(random: &mut impl FnMut(u32) -> u32) -> Program {
        let mut instructions = vec![Instruction { code: opcode::LOAD, jt: 0, jf: 0, k: 0 }];
        for at in 0..TESTS {
            let mut skip = || u8::try_from(random(2 * TESTS - at)).expect("it is small");
            let (jt, jf) = (skip(), skip());
            let codes = [
                opcode::JUMP,
                opcode::AND,
                opcode::JUMP_ANY_BIT,
                opcode::JUMP_EQUAL,
                opcode::JUMP_EQUAL,
                opcode::JUMP_ABOVE,
                opcode::JUMP_AT_LEAST,
                opcode::JUMP_AT_LEAST,
            ];
            let (code, k) = match codes[random(8) as usize] {
                opcode::JUMP => (opcode::JUMP, jt.into()),
                opcode::AND => (opcode::AND, !(1 << random(32))),
                code if random(4) == 0 => (code, random(64) << 26),
                code => (code, random(24)),
            };
            instructions.push(Instruction { code, jt, jf, k });
        }
        let returns = (0..=12).map(|at| Verdict::Errno(at).return_value());
        instructions.extend(returns.map(|k| Instruction { code: opcode::RETURN, jt: 0, jf: 0, k }));
        Program { instructions, endian: Endian::Little }
    }

    /// From the instruction that its range reaches, each number ends as the interpreter says.
    #[test]
    fn every_number_comes_to_what_the_program_answers() {
        let mut numbers = oorandom::Rand32::new(1);
        let mut random = |below| numbers.rand_range(0..below);
        for _ in 0..2000 {
            let program = program(&mut random);
            let mut diagrams = Diagrams::new(Budget { nodes: 0, steps: 100_000 });
            let held = Held::Masked(Word::Number, u32::MAX);
            let ranges = of(&mut diagrams, &program, 1, held).expect("it is within the budget");
            assert!(ranges.is_sorted_by_key(|(start, _)| *start), "{program}");
            let near = |shift: u32| (0..64_u32).flat_map(move |k| [k << shift, (k << shift).wrapping_sub(1)]);
            for number in near(0).chain(near(26)) {
                let (_, mut at) =
                    *ranges.iter().rfind(|(start, _)| *start <= number.into()).expect("the first is 0");
                let mut held = Held::Constant(number);
                let verdict = loop {
                    match step(&program, at, held) {
                        Step::Next(next, then) => (at, held) = (next, then),
                        Step::Return(verdict) => break verdict,
                        Step::Test { .. } => unreachable!("a constant is no word"),
                    }
                };
                let call = Call { number, ..Call::default() };
                let answer = program.run(&call).map(Verdict::from_return_value);
                assert_eq!(Some(verdict), answer, "{number:#x}\n{program}");
            }
        }
    }
}
