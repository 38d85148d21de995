//! Rules that say nothing: earlier groups decide all that they match, or their conditions leave nothing to decide.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{BUDGET, policy};
use crate::diagram::{Diagrams, Id, Leaf, OverBudget};
use crate::rules::{Rule, RuleSet};
use crate::source::{Place, Sources};

/// A rule that never decides, with the rules that decide before it.
pub(crate) struct NeverFires {
    pub(crate) place: Place,
    pub(crate) name: &'static str,
    pub(crate) deciding: Vec<Place>,
}

/// The rules that never decide a call on any of the ABIs.
///
/// It is about what the author wrote: members of sets may overlap, and what an included file says may be decided by
/// the file that includes it. Two names of one number are two calls, and constants that have one value here may have
/// two elsewhere, so rules that name constants count only against rules without conditions.
pub(crate) fn never_fires(rules: &RuleSet, sources: &Sources) -> Vec<NeverFires> {
    let mut found: BTreeMap<Place, NeverFires> = BTreeMap::new();
    let mut useful: BTreeSet<Place> = BTreeSet::new();
    for space in &rules.spaces {
        let mut by_name: HashMap<&str, Vec<&Rule>> = HashMap::new();
        for rule in &space.rules {
            by_name.entry(rule.origin.name).or_default().push(rule);
        }
        for rules in by_name.values() {
            for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.origin.set.is_none()) {
                match judge(rule, &rules[..at], sources) {
                    Some(never) => {
                        found.entry(never.place).or_insert(never);
                    }
                    None => {
                        useful.insert(rule.origin.place);
                    }
                }
            }
        }
    }
    // A rule that decides on one ABI is of use.
    found.retain(|place, _| !useful.contains(place));
    found.into_values().collect()
}

fn judge(rule: &Rule, before: &[&Rule], sources: &Sources) -> Option<NeverFires> {
    let file = sources.file_of(rule.origin.place);
    let counts = |other: &&&Rule| {
        let earlier = other.origin.group < rule.origin.group && sources.file_of(other.origin.place) == file;
        earlier && (other.tests.is_empty() || !rule.origin.constants && !other.origin.constants)
    };
    let before: Vec<&Rule> = before.iter().filter(counts).copied().collect();
    let alone = before.iter().find(|other| other.tests.is_empty() || other.tests == rule.tests);
    let deciding = match alone {
        Some(other) => vec![other.origin.place],
        None if before.is_empty() => return None,
        // What takes too much to show is not claimed.
        None if !covered(rule, &before).unwrap_or(false) => return None,
        None => before.iter().map(|other| other.origin.place).collect(),
    };
    Some(NeverFires { place: rule.origin.place, name: rule.origin.name, deciding })
}

/// Whether a rule's tests contradict each other, so that no call can meet them.
pub(crate) fn never_matches(rule: &Rule) -> bool {
    let mut diagrams = Diagrams::new(BUDGET);
    // A single test that cannot hold never became a rule. What takes too much to show is not claimed.
    rule.tests.len() > 1
        && policy::conjunction(&mut diagrams, rule)
            .is_ok_and(|matched| diagrams.as_leaf(matched) == Some(Leaf::Undecided))
}

/// The rules, where those of one number come to one verdict whatever the arguments, as one rule without conditions.
pub(crate) fn simplified(rules: &RuleSet) -> RuleSet {
    let mut rules = rules.clone();
    for space in &mut rules.spaces {
        let conditioned = space.rules.iter().filter(|rule| !rule.tests.is_empty());
        let numbers: BTreeSet<u32> = conditioned.map(|rule| rule.number).collect();
        for number in numbers {
            let mut diagrams = Diagrams::new(BUDGET);
            let outcome = policy::outcome(&mut diagrams, space, number).ok();
            if let Some(Leaf::Answer(verdict)) = outcome.and_then(|outcome| diagrams.as_leaf(outcome)) {
                let mut first = true;
                space.rules.retain(|rule| rule.number != number || core::mem::take(&mut first));
                for rule in space.rules.iter_mut().filter(|rule| rule.number == number) {
                    rule.tests.clear();
                    rule.verdict = verdict;
                }
            }
        }
    }
    rules
}

/// Whether every call that the rule matches is matched by one of the others.
fn covered(rule: &Rule, others: &[&Rule]) -> Result<bool, OverBudget> {
    let mut diagrams = Diagrams::new(BUDGET);
    let mut all: Option<Id> = None;
    for other in others {
        let matched = policy::conjunction(&mut diagrams, other)?;
        all = Some(match all {
            None => matched,
            Some(all) => diagrams.or_else(all, matched)?,
        });
    }
    let Some(all) = all else { return Ok(false) };
    let matched = policy::conjunction(&mut diagrams, rule)?;
    Ok(diagrams.or_else(all, matched)? == all)
}
