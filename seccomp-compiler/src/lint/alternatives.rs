//! Alternatives of one group that hold together for every call, although none of them does alone.

use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::engine::rules::{AbiRules, Rule};
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget};
use crate::proof::{BUDGET, rules};
use crate::resolve::origins::Origins;

/// Reports the entries of a call whose conditions one of every call meets: with `NotEqual` twice, nothing is left out.
pub(super) fn check(abi: &AbiRules, origins: &Origins, problems: &mut Problems) {
    for rules in abi.rules.chunk_by(|a, b| {
        let key = |rule: &Rule| (rule.number, origins.source(rule.origin).group, rule.verdict);
        key(a) == key(b)
    }) {
        if rules.len() < 2
            || rules
                .iter()
                .any(|rule| rule.conditions.is_empty() || !origins.source(rule.origin).is_by_name())
        {
            continue;
        }
        let mut places: Vec<Place> = rules.iter().map(|rule| origins.source(rule.origin).place).collect();
        let name = origins.source(rules[0].origin).name;
        let mut diagrams = Diagrams::new(BUDGET);
        // Nothing is reported that would cost too much to prove.
        let all = union(&mut diagrams, rules).ok().and_then(|all| diagrams.as_leaf(all));
        if matches!(all, Some(Leaf::Answer(_)))
            && let Some(last) = places.pop()
        {
            problems.report(last, LintProblem::AlternativesAlwaysHold { name, others: places });
        }
    }
}

/// The verdict where one of the rules matches; undecided elsewhere.
fn union(diagrams: &mut Diagrams, rules: &[Rule]) -> Result<Id, OverBudget> {
    let mut union = diagrams.leaf(Leaf::Undecided)?;
    for rule in rules {
        let matched = rules::conjunction(diagrams, rule)?;
        union = diagrams.or_else(union, matched)?;
    }
    Ok(union)
}
