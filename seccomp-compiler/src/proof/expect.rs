//! Expectations: what the author relies on, proved for every call, or refuted by one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{BUDGET, rules};
use crate::engine::rules::{Origin, Rule, RuleSet, Verdict};
use crate::kernel::action::Promise;
use crate::kernel::architecture::Architecture;
use crate::kernel::call::Call;
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget};

/// What the author relies on: calls that match the rule have its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// The index of the ABI among those of the rule set.
    pub(crate) abi: usize,
    pub(crate) rule: Rule,
    /// What counts in place of the rule's verdict.
    pub(crate) promise: Option<Promise>,
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
    /// By the index of the ABI, the number, and what is told apart.
    known: HashMap<(usize, u32, Option<Promise>), Id>,
}

impl<'a> Outcomes<'a> {
    pub(crate) fn of(rules: &'a RuleSet) -> Self {
        Self { rules, diagrams: Diagrams::new(BUDGET), known: HashMap::new() }
    }

    /// A call that breaks an expectation and that no rule of `overriding` matches, if there is one.
    ///
    /// # Errors
    ///
    /// [`OverBudget`] where that takes too much to find out.
    pub(crate) fn broken(
        &mut self,
        expectation: &Expectation,
        overriding: &[&Rule],
    ) -> Result<Option<Broken>, OverBudget> {
        let Expectation { abi: index, rule, promise } = expectation;
        let Some(abi) = self.rules.abis.get(*index) else { return Ok(None) };
        let found = match self.known.entry((*index, rule.number, *promise)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let tell = |verdict| promise.map_or(verdict, |promise| kept_or_not(promise, verdict));
                *free.insert(rules::outcome(&mut self.diagrams, abi, rule.number, tell)?)
            }
        };
        let verdict = promise.map_or(rule.verdict, |promise| kept_or_not(promise, kept(promise)));
        let wanted = rules::conjunction(&mut self.diagrams, &Rule { verdict, ..rule.clone() })?;
        let wanted = self.diagrams.or_else(wanted, found)?;
        let [wanted, found] = self.except(overriding, [wanted, found])?;
        let Some((call, ..)) = self.diagrams.witness(wanted, found) else { return Ok(None) };
        let call = Call { arch: abi.architecture.audit(), number: rule.number, ..call };
        let deciding = abi.rules.iter().find(|rule| rule.matches(&call));
        let found = deciding.map_or_else(|| abi.otherwise(rule.number), |rule| rule.verdict);
        let deciding = deciding.map(|rule| rule.origin);
        Ok(Some(Broken { call, architecture: abi.architecture, found, deciding }))
    }

    /// Two functions, made equal where one of the rules matches.
    fn except(&mut self, rules: &[&Rule], mut functions: [Id; 2]) -> Result<[Id; 2], OverBudget> {
        for rule in rules {
            let matched = rules::conjunction(&mut self.diagrams, rule)?;
            for function in &mut functions {
                *function = self.diagrams.or_else(matched, *function)?;
            }
        }
        Ok(functions)
    }

    /// A call that a rule matches, of an ABI that the filter does not cover, that is not refused and that no rule of
    /// `overriding` matches.
    ///
    /// # Errors
    ///
    /// [`OverBudget`] where that takes too much to find out.
    pub(crate) fn let_through(
        &mut self,
        architecture: &'static Architecture,
        rule: &Rule,
        overriding: &[&Rule],
    ) -> Result<Option<Broken>, OverBudget> {
        let matched = rules::conjunction(&mut self.diagrams, rule)?;
        let nothing = self.diagrams.leaf(Leaf::Undecided)?;
        let [matched, nothing] = self.except(overriding, [matched, nothing])?;
        let Some((call, ..)) = self.diagrams.witness(matched, nothing) else { return Ok(None) };
        let call = Call { arch: architecture.audit(), number: rule.number, ..call };
        let found = self.rules.decide(&call);
        let is_open = !found.is_refused();
        Ok(is_open.then_some(Broken { call, architecture, found, deciding: None }))
    }
}

/// Tells answers apart by whether they keep a promise, and by nothing else.
fn kept_or_not(promise: Promise, verdict: Verdict) -> Verdict {
    if promise.is_kept_by(verdict) { Verdict::Allow } else { Verdict::KillProcess }
}

/// An answer that keeps a promise.
fn kept(promise: Promise) -> Verdict {
    match promise {
        Promise::Refused => Verdict::KillProcess,
        Promise::Allowed => Verdict::Allow,
    }
}
