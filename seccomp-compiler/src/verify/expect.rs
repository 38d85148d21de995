//! What the author relies on, shown for every call: or a call on which it does not hold.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{BUDGET, policy};
use crate::call::Call;
use crate::diagram::{Diagrams, Id, Leaf, OverBudget};
use crate::rules::{Expectation, Rule, RuleSet, Space, Verdict};
use crate::source::Place;

/// A call that comes to something else than expected.
pub(crate) struct Broken {
    /// Where the expectation is.
    pub(crate) place: Place,
    pub(crate) call: String,
    pub(crate) expected: String,
    pub(crate) found: String,
    /// The rule that decides the call, if one does.
    pub(crate) deciding: Option<Place>,
}

/// What becomes of numbers, each found when it is first asked for; what all of it may take is one budget.
pub(crate) struct Outcomes<'a> {
    rules: &'a RuleSet,
    diagrams: Diagrams,
    /// By the index of the ABI's space and the number.
    known: HashMap<(usize, u32), Id>,
}

impl<'a> Outcomes<'a> {
    pub(crate) fn of(rules: &'a RuleSet) -> Self {
        Self { rules, diagrams: Diagrams::new(BUDGET), known: HashMap::new() }
    }

    /// Whether the rules keep an expectation; the error is that it takes too much to tell.
    pub(crate) fn broken(&mut self, expectation: &Expectation) -> Result<Option<Broken>, OverBudget> {
        let Expectation { space: index, rule } = expectation;
        let Some(space) = self.rules.spaces.get(*index) else { return Ok(None) };
        let found = match self.known.entry((*index, rule.number)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => *free.insert(policy::outcome(&mut self.diagrams, space, rule.number)?),
        };
        let wanted = policy::conjunction(&mut self.diagrams, rule)?;
        let wanted = self.diagrams.or_else(wanted, found)?;
        let Some((call, _, answer)) = self.diagrams.witness(wanted, found) else { return Ok(None) };
        let call = Call { arch: space.architecture.audit(), number: rule.number, ..call };
        Ok(Some(describe(space, rule, &call, answer)))
    }
}

fn describe(space: &Space, rule: &Rule, call: &Call, answer: Leaf) -> Broken {
    let found = if let Leaf::Answer(verdict) = answer { verdict } else { Verdict::KillProcess };
    let deciding = space.rules.iter().find(|rule| rule.matches(call));
    Broken {
        place: rule.origin.place,
        call: call.on(space.architecture),
        expected: rule.verdict.on(space.architecture),
        found: found.on(space.architecture),
        deciding: deciding.map(|rule| rule.origin.place),
    }
}
