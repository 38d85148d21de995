//! The ladder from rules to a proved program.
//!
//! [`plan`] knows two ways to lay out the conditions of a call, and both can fail: the program may be longer than the
//! kernel takes, the proof may exceed its budget, or a call that is always allowed may be decided by its arguments, so
//! that the kernel cannot answer it from its cache. Each failure that a lower rung can mend leads there; whatever a rung
//! yields is proved against the rules as they are.

use core::fmt;

use crate::engine::assemble::{TooLong, assemble};
use crate::engine::plan::{Lowering, Weights, plan};
use crate::engine::program::MAX_INSTRUCTIONS;
use crate::engine::rules::{InvalidRules, RuleSet};
use crate::proof::diagram::{Diagrams, Leaf};
use crate::proof::{BUDGET, Refused, Verified, rules, verify};

/// A way to a program, and what it gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rung {
    /// The values of each argument are searched: the shortest and fastest. Gives up nothing.
    Searched,
    /// The same, but a call whose conditions leave nothing to decide is planned without them, and so can be cached.
    Simplified,
    /// The conditions one by one as they are written: longer and slower, but the proof can always follow.
    Plain,
}

/// Why rules have no proved program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotCompiled {
    /// The rules could not come from a policy.
    InvalidRules(InvalidRules),
    /// The shortest program is longer than [`MAX_INSTRUCTIONS`].
    TooLong {
        /// How many instructions it has.
        instructions: usize,
    },
    /// The program is not proved, as a rule because the proof exceeds its budget.
    Refused(Refused),
}

impl fmt::Display for NotCompiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRules(invalid) => invalid.fmt(f),
            Self::TooLong { instructions } => {
                write!(
                    f,
                    "the program has {instructions} instructions, more than the kernel's limit of {MAX_INSTRUCTIONS}"
                )
            }
            Self::Refused(refused) => refused.fmt(f),
        }
    }
}

impl core::error::Error for NotCompiled {}

/// The proved program of the best rung that has one.
pub(crate) fn lower(rules: &RuleSet, weights: Weights<'_>) -> Result<Verified, NotCompiled> {
    let mut rung = Rung::Searched;
    loop {
        match rung.program(rules, weights) {
            Err(failure) => rung = rung.after(&failure).ok_or(failure)?,
            proved => return proved,
        }
    }
}

impl Rung {
    fn program(self, rules: &RuleSet, weights: Weights<'_>) -> Result<Verified, NotCompiled> {
        let tree = match self {
            Self::Searched => plan(rules, Lowering::Searched, weights),
            Self::Simplified => plan(&simplified(rules), Lowering::Searched, weights),
            Self::Plain => plan(&simplified(rules), Lowering::Plain, weights),
        };
        let program =
            assemble(&tree).map_err(|TooLong { instructions }| NotCompiled::TooLong { instructions })?;
        verify(rules.clone(), program).map_err(NotCompiled::Refused)
    }

    /// The rung that may succeed where this one failed.
    fn after(self, failure: &NotCompiled) -> Option<Self> {
        match (self, failure) {
            (Self::Searched, NotCompiled::Refused(Refused::NotCached { .. })) => Some(Self::Simplified),
            (
                Self::Searched | Self::Simplified,
                NotCompiled::TooLong { .. } | NotCompiled::Refused(Refused::OverBudget { .. }),
            ) => Some(Self::Plain),
            _ => None,
        }
    }
}

/// The rules, with a single rule without conditions for each number that has one verdict whatever the arguments.
fn simplified(rules: &RuleSet) -> RuleSet {
    let mut rules = rules.clone();
    for abi in &mut rules.abis {
        let conditioned = abi.rules.iter().filter(|rule| !rule.conditions.is_empty());
        let mut numbers: Vec<u32> = conditioned.map(|rule| rule.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let mut diagrams = Diagrams::new(BUDGET);
            let outcome = rules::outcome(&mut diagrams, abi, number, |verdict| verdict).ok();
            if let Some(Leaf::Answer(verdict)) = outcome.and_then(|outcome| diagrams.as_leaf(outcome)) {
                let mut first = true;
                abi.rules.retain(|rule| rule.number != number || core::mem::take(&mut first));
                for rule in abi.rules.iter_mut().filter(|rule| rule.number == number) {
                    rule.conditions.clear();
                    rule.verdict = verdict;
                }
            }
        }
    }
    rules
}
