//! Rules of one call that together say less than they seem to: conditions that one of every call meets, and rules without
//! which the same calls would be let through.

use std::collections::HashSet;

use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::engine::rules::{AbiRules, Must, Rule, Verdict};
use crate::kernel::call;
use crate::policy::Fallbacks;
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget};
use crate::proof::{BUDGET, rules};
use crate::resolve::origins::Origins;

/// At most this many rules are named that let the same calls through.
const NAMED: usize = 5;

/// Reports conditions that change nothing on any of the ABIs.
pub(super) fn check<'a>(
    covered: impl Iterator<Item = &'a AbiRules>,
    origins: &Origins,
    fallbacks: Fallbacks,
    problems: &mut Problems,
) {
    let mut needless: Vec<(Place, LintProblem)> = Vec::new();
    let mut useful: HashSet<Place> = HashSet::new();
    for abi in covered {
        let mut diagrams = None;
        for rules in abi.rules.chunk_by(|a, b| a.number == b.number) {
            let call = Call { rules, otherwise: abi.otherwise(rules[0].number), origins, fallbacks };
            if !rules.iter().any(|rule| call.is_conditioned(rule)) {
                continue;
            }
            if let [rule] = rules {
                // It may still repeat the default action, which is reported as that.
                useful.insert(call.place(rule));
                continue;
            }
            let diagrams = diagrams.get_or_insert_with(|| Diagrams::new(BUDGET));
            call.report_always_hold(diagrams, problems);
            // Nothing is reported that would cost too much to prove.
            _ = call.find_needless(diagrams, &mut needless, &mut useful);
        }
    }
    for (place, problem) in needless {
        if !useful.contains(&place) {
            problems.report(place, problem);
        }
    }
}

/// All rules of one call.
struct Call<'a> {
    rules: &'a [Rule],
    /// The answer where none of them matches.
    otherwise: Verdict,
    origins: &'a Origins,
    fallbacks: Fallbacks,
}

impl Call<'_> {
    /// Whether the author gave conditions for the call itself.
    fn is_conditioned(&self, rule: &Rule) -> bool {
        !rule.conditions.is_empty() && self.origins.source(rule.origin).is_by_name()
    }

    fn place(&self, rule: &Rule) -> Place {
        self.origins.source(rule.origin).place
    }

    /// Reports rules of one action whose conditions one of every call meets: with `NotEqual` twice, nothing is left out.
    fn report_always_hold(&self, diagrams: &mut Diagrams, problems: &mut Problems) {
        let mut reported: Vec<Verdict> = Vec::new();
        for first in self.rules.iter().filter(|rule| self.is_conditioned(rule)) {
            if reported.contains(&first.verdict) {
                continue;
            }
            reported.push(first.verdict);
            let same = self.rules.iter().filter(|rule| rule.verdict == first.verdict);
            let same: Vec<&Rule> = same.filter(|rule| self.is_conditioned(rule)).collect();
            let holds = |all| matches!(all, Some(Leaf::Answer(_)));
            // A call that none of them matches spares most policies the diagrams.
            let number = first.number;
            if !same.iter().any(|rule| rule.matches(&call::Call { number, ..call::Call::default() })) {
                continue;
            }
            let mut places: Vec<Place> = same.iter().map(|rule| self.place(rule)).collect();
            if same.len() > 1
                && union(diagrams, &same).is_ok_and(|all| holds(diagrams.as_leaf(all)))
                && let Some(last) = places.pop()
            {
                let name = self.origins.source(first.origin).name;
                problems.report(last, LintProblem::AlternativesAlwaysHold { name, others: places });
            }
        }
    }

    /// Adds the rules under conditions without which all of their calls would be let through as well, and the places of
    /// those of which that is not so.
    fn find_needless(
        &self,
        diagrams: &mut Diagrams,
        needless: &mut Vec<(Place, LintProblem)>,
        useful: &mut HashSet<Place>,
    ) -> Result<(), OverBudget> {
        let end = self.rules.iter().position(|rule| rule.conditions.is_empty());
        let decided = &self.rules[..end.map_or(self.rules.len(), |end| end + 1)];
        let is_candidate = |rule: &Rule| self.is_conditioned(rule) && rule.verdict.is_allowed();
        let is_useful =
            |(index, rule): (usize, &Rule)| is_candidate(rule) && self.decides(rule, &decided[index + 1..]);
        let indexed = decided.iter().enumerate();
        let known: HashSet<usize> = indexed.filter(|at| is_useful(*at)).map(|(index, _)| index).collect();
        useful.extend(known.iter().map(|index| self.place(&decided[*index])));
        if decided.iter().enumerate().all(|(index, rule)| known.contains(&index) || !is_candidate(rule)) {
            return Ok(());
        }
        let mut rest = diagrams.leaf(Leaf::Answer(self.otherwise))?;
        for (index, rule) in decided.iter().enumerate().rev() {
            let later = &decided[index + 1..];
            let matched = rules::conjunction(diagrams, rule)?;
            if is_candidate(rule) && !known.contains(&index) {
                let pairs = diagrams.pairs(matched, rest)?;
                let is_same = |pair: &(Leaf, Leaf)| pair.0 == Leaf::Undecided || pair.0 == pair.1;
                if pairs.iter().all(is_same) {
                    needless.push((self.place(rule), self.needless(rule, later)));
                } else {
                    useful.insert(self.place(rule));
                }
            }
            rest = diagrams.or_else(matched, rest)?;
        }
        Ok(())
    }

    /// Whether a call that is easily found would get another answer without the rule.
    fn decides(&self, rule: &Rule, later: &[Rule]) -> bool {
        let mut call = call::Call { number: rule.number, ..call::Call::default() };
        for condition in rule.conditions.iter().filter(|condition| condition.must == Must::Hold) {
            if let Some(argument) = call.arguments.get_mut(usize::from(condition.argument)) {
                *argument |= condition.value;
            }
        }
        let other =
            later.iter().find(|other| other.matches(&call)).map_or(self.otherwise, |other| other.verdict);
        rule.matches(&call) && other != rule.verdict
    }

    fn needless(&self, rule: &Rule, later: &[Rule]) -> LintProblem {
        let same = later.iter().filter(|other| other.verdict == rule.verdict);
        let whole = same.clone().find(|other| other.conditions.is_empty());
        let default = || self.fallbacks.default_action.filter(|_| self.otherwise == rule.verdict);
        let mut deciding: Vec<Place> = match whole.map(|rule| self.place(rule)).or_else(default) {
            Some(place) => vec![place],
            None => same.map(|rule| self.place(rule)).collect(),
        };
        deciding.truncate(NAMED);
        LintProblem::NeedlessCondition { name: self.origins.source(rule.origin).name, deciding }
    }
}

/// The verdict where one of the rules matches; undecided elsewhere.
fn union(diagrams: &mut Diagrams, rules: &[&Rule]) -> Result<Id, OverBudget> {
    let mut union = diagrams.leaf(Leaf::Undecided)?;
    for rule in rules {
        let matched = rules::conjunction(diagrams, rule)?;
        union = diagrams.or_else(union, matched)?;
    }
    Ok(union)
}
