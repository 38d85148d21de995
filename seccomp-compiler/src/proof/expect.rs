//! What the author relies on, shown for every call: or a call on which it does not hold.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{BUDGET, rules};
use crate::document::source::Place;
use crate::engine::rules::{AbiRules, Expectation, Rule, RuleSet, Verdict};
use crate::kernel::call::Call;
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget};

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
    /// By the index of the ABI's abi and the number.
    known: HashMap<(usize, u32), Id>,
}

impl<'a> Outcomes<'a> {
    pub(crate) fn of(rules: &'a RuleSet) -> Self {
        Self { rules, diagrams: Diagrams::new(BUDGET), known: HashMap::new() }
    }

    /// Whether the rules keep an expectation; the error is that it takes too much to tell.
    pub(crate) fn broken(&mut self, expectation: &Expectation) -> Result<Option<Broken>, OverBudget> {
        let Expectation { abi: index, rule } = expectation;
        let Some(abi) = self.rules.abis.get(*index) else { return Ok(None) };
        let found = match self.known.entry((*index, rule.number)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => *free.insert(rules::outcome(&mut self.diagrams, abi, rule.number)?),
        };
        let wanted = rules::conjunction(&mut self.diagrams, rule)?;
        let wanted = self.diagrams.or_else(wanted, found)?;
        let Some((call, _, answer)) = self.diagrams.witness(wanted, found) else { return Ok(None) };
        let call = Call { arch: abi.architecture.audit(), number: rule.number, ..call };
        Ok(Some(describe(abi, rule, &call, answer)))
    }
}

fn describe(abi: &AbiRules, rule: &Rule, call: &Call, answer: Leaf) -> Broken {
    let found = if let Leaf::Answer(verdict) = answer { verdict } else { Verdict::KillProcess };
    let deciding = abi.rules.iter().find(|rule| rule.matches(call));
    Broken {
        place: rule.origin.place,
        call: call.on(abi.architecture),
        expected: rule.verdict.on(abi.architecture),
        found: found.on(abi.architecture),
        deciding: deciding.map(|rule| rule.origin.place),
    }
}
