//! Which lines of a policy are behind a verdict, and behind each instruction of a proved program.
//!
//! A program keeps no origins: equal tests are one node of its tree, whatever lines they come from. They are found
//! afterwards. The rules with a line in place of each verdict are a function of the call, and so is the program with the
//! index of an instruction in place of its answers; both become diagrams, and walking down the two at once finds each
//! pair of an instruction and a line that some call leads to. This is exact: a line is named if and only if there is a
//! call for which it decides and which passes the instruction. (Only where a policy is so entangled that each test has
//! to stand for a bit of its own, pairs may be named that no call leads to.)

mod calls;
pub(crate) mod lines;
pub(crate) mod reporter;

use crate::document::source::Place;
use crate::engine::program::{Instruction, Program, opcode};
use crate::engine::rules::{RuleSet, Verdict};
use crate::kernel::architecture::Architecture;
use crate::policy::Fallbacks;
use crate::proof::diagram::{Budget, Diagrams, Leaf, OverBudget};
use crate::proof::{Verified, instructions, rules};
use crate::resolve::origins::Origins;

/// Which lines of a policy are behind each instruction of its program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// By instruction, the places in order.
    behind: Vec<Vec<Place>>,
}

impl Trace {
    /// What decides the calls that reach an instruction, in the order of the policy: at a return the lines that give its
    /// verdict to some call, at a test the lines that the tests from there on tell apart. Loads, masks and jumps are on
    /// the way to a test, and have none of their own.
    ///
    /// A call that no rule matches is decided by the line of the default; where the policy leaves that out, by the policy
    /// as a whole.
    pub fn behind(&self, instruction: usize) -> &[Place] {
        self.behind.get(instruction).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn new(
        verified: &Verified,
        origins: &Origins,
        fallbacks: Fallbacks,
        covered: &[&'static Architecture],
    ) -> Result<Self, OverBudget> {
        let mut places = Distinct::default();
        let located = located(verified.rules(), origins, fallbacks, covered, |_, _, place| {
            Verdict::Trap(places.index(place.unwrap_or(Place::POLICY)))
        });
        let places = places.items()?;
        let pairs = |diagrams| pairs(diagrams, &located, verified.program());
        let pairs = pairs(Diagrams::new(BUDGET)).or_else(|OverBudget| pairs(Diagrams::of_atoms(BUDGET)))?;
        let mut behind = vec![Vec::new(); verified.program().instructions.len()];
        for (instruction, place) in pairs {
            behind[instruction].push(places[place]);
        }
        for places in &mut behind {
            places.sort_unstable();
            places.dedup();
        }
        Ok(Self { behind })
    }
}

/// More than a proof may take, as it is done once for each test, and only when asked for.
const BUDGET: Budget = Budget { nodes: 2_000_000, steps: 50_000_000 };

/// The pairs of an instruction and the index of a place.
fn pairs(
    mut diagrams: Diagrams,
    located: &RuleSet,
    program: &Program,
) -> Result<Vec<(usize, usize)>, OverBudget> {
    let meaning = rules::meaning(&mut diagrams, located)?.function;
    let mut pairs = Vec::new();
    // No return of it is taken for a marker.
    let mut unmarked = program.clone();
    let returns = unmarked.instructions.iter_mut().filter(|instruction| instruction.code == opcode::RETURN);
    returns.for_each(|instruction| instruction.k = Verdict::Allow.return_value());
    let mut follow = |marked: &Program, diagrams: &mut Diagrams| {
        let code = instructions::diagram(diagrams, marked)?;
        for (instruction, place) in diagrams.pairs(code, meaning)? {
            if let (Leaf::Answer(Verdict::Trap(instruction)), Leaf::Answer(Verdict::Trap(place))) =
                (instruction, place)
            {
                pairs.push((usize::from(instruction), usize::from(place)));
            }
        }
        Ok(())
    };
    // The returns together, and each test by itself, as a call passes several.
    follow(&marked(program, |_, instruction| instruction.code == opcode::RETURN), &mut diagrams)?;
    for (test, _) in program.instructions.iter().enumerate().filter(|(_, instruction)| is_test(instruction)) {
        follow(&marked(&unmarked, |index, _| index == test), &mut diagrams)?;
    }
    Ok(pairs)
}

fn is_test(instruction: &Instruction) -> bool {
    use opcode::{JUMP_ABOVE, JUMP_ANY_BIT, JUMP_AT_LEAST, JUMP_EQUAL};
    matches!(instruction.code, JUMP_EQUAL | JUMP_ABOVE | JUMP_AT_LEAST | JUMP_ANY_BIT)
}

/// The program with the index of each of these instructions as its answer.
fn marked(program: &Program, is_marked: impl Fn(usize, &Instruction) -> bool) -> Program {
    let mark = |(index, instruction): (usize, &Instruction)| {
        if is_marked(index, instruction) { marker(index) } else { *instruction }
    };
    let instructions = program.instructions.iter().enumerate().map(mark).collect();
    Program { instructions, endian: program.endian }
}

/// An instruction that answers with an index, which fits: a program has 4096 instructions at most.
fn marker(index: usize) -> Instruction {
    let index = Verdict::Trap(u16::try_from(index).unwrap_or(u16::MAX));
    Instruction { code: opcode::RETURN, jt: 0, jf: 0, k: index.return_value() }
}

/// Things by the index at which each was first met.
pub(crate) struct Distinct<T> {
    items: Vec<T>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T: PartialEq> Distinct<T> {
    pub(crate) fn index(&mut self, item: T) -> u16 {
        let index = self.items.iter().position(|known| *known == item).unwrap_or_else(|| {
            self.items.push(item);
            self.items.len() - 1
        });
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    /// All of them, unless they are more than there are indices.
    pub(crate) fn items(self) -> Result<Vec<T>, OverBudget> {
        if self.items.len() <= usize::from(u16::MAX) { Ok(self.items) } else { Err(OverBudget) }
    }
}

/// What gives a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decider {
    /// A rule.
    Rule,
    /// `default_action`, on this ABI.
    Default(&'static Architecture),
    /// `newer_syscalls`, or `default_action` in its place.
    Newer,
    /// `foreign_architecture`.
    Foreign,
}

/// The rules with what `mark` makes of each verdict, what gives it, and the place of that, unless the policy leaves it out.
pub(crate) fn located(
    rules: &RuleSet,
    origins: &Origins,
    fallbacks: Fallbacks,
    covered: &[&'static Architecture],
    mut mark: impl FnMut(Verdict, Decider, Option<Place>) -> Verdict,
) -> RuleSet {
    let mut mark = |verdict: &mut Verdict, decider: Decider, place: Option<Place>| {
        *verdict = mark(*verdict, decider, place);
    };
    let Fallbacks { default_action, newer_syscalls, foreign_architecture } = fallbacks;
    let mut rules = rules.clone();
    mark(&mut rules.foreign, Decider::Foreign, foreign_architecture);
    for abi in &mut rules.abis {
        for rule in &mut abi.rules {
            mark(&mut rule.verdict, Decider::Rule, Some(origins.source(rule.origin).place));
        }
        if covered.contains(&abi.architecture) {
            mark(&mut abi.default, Decider::Default(abi.architecture), default_action);
            mark(&mut abi.newer, Decider::Newer, newer_syscalls.or(default_action));
        } else {
            mark(&mut abi.default, Decider::Foreign, foreign_architecture);
            mark(&mut abi.newer, Decider::Foreign, foreign_architecture);
        }
    }
    rules
}
