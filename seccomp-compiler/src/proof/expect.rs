//! Expectations: what the author relies on, proved for every call, or refuted by one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{BUDGET, rules};
use crate::engine::rules::{Origin, Rule, RuleSet, Verdict};
use crate::kernel::architecture::Architecture;
use crate::kernel::call::Call;
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget};

/// What the author relies on: calls that match the rule have its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// The index of the ABI among those of the rule set.
    pub(crate) abi: usize,
    pub(crate) rule: Rule,
}

/// A call whose verdict is not the expected one.
pub(crate) struct Broken {
    pub(crate) call: Call,
    /// Its ABI, and its verdict.
    pub(crate) architecture: &'static Architecture,
    pub(crate) found: Verdict,
    /// The rule that decides the call, if one does.
    pub(crate) deciding: Option<Origin>,
}

/// The outcomes of numbers, each computed when it is first asked for, all within one budget.
pub(crate) struct Outcomes<'a> {
    rules: &'a RuleSet,
    diagrams: Diagrams,
    /// By the index of the ABI and the number.
    known: HashMap<(usize, u32), Id>,
}

impl<'a> Outcomes<'a> {
    pub(crate) fn of(rules: &'a RuleSet) -> Self {
        Self { rules, diagrams: Diagrams::new(BUDGET), known: HashMap::new() }
    }

    /// A call that breaks an expectation, if there is one.
    ///
    /// # Errors
    ///
    /// [`OverBudget`] where that takes too much to find out.
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
        let found = if let Leaf::Answer(verdict) = answer { verdict } else { Verdict::KillProcess };
        let deciding = abi.rules.iter().find(|rule| rule.matches(&call)).map(|rule| rule.origin);
        Ok(Some(Broken { call, architecture: abi.architecture, found, deciding }))
    }
}
