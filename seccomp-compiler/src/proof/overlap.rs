//! Rules that say nothing: earlier groups decide all that they match, or their conditions leave nothing to decide.

use std::collections::{HashMap, HashSet};

use super::{BUDGET, rules};
use crate::document::source::{Place, Sources};
use crate::engine::rules::{AbiRules, ArgCondition, Rule, RuleSet};
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget};

/// A rule that never decides, with the rules that decide before it.
pub(crate) struct NeverFires {
    pub(crate) place: Place,
    pub(crate) name: &'static str,
    pub(crate) deciding: Vec<Place>,
}

/// Of many rules that decide only together, so many are named.
const NAMED: usize = 5;

/// The rules that never decide a call on any of the ABIs.
///
/// It is about what the author wrote: members of sets may overlap, and what an included file says may be decided by
/// the file that includes it. Two names of one number are two calls, and constants that have one value here may have
/// two elsewhere, so rules that name constants count only against rules without conditions.
pub(crate) fn never_fires(rules: &RuleSet, sources: &Sources) -> Vec<NeverFires> {
    let alone = |abi: &AbiRules| abi.rules.windows(2).all(|pair| pair[0].number != pair[1].number);
    if rules.abis.iter().all(alone) {
        return Vec::new();
    }
    let mut diagrams = Diagrams::new(BUDGET);
    let mut found: Vec<NeverFires> = Vec::new();
    let mut useful: Vec<Place> = Vec::new();
    for abi in &rules.abis {
        for rules in abi.rules.chunk_by(|a, b| a.number == b.number) {
            if let [alone] = rules {
                useful.push(alone.origin.place);
                continue;
            }
            let mut calls: Vec<Earlier<'_>> = Vec::new();
            for rule in rules {
                let earlier = Earlier::than(rule, &mut calls, sources, &mut diagrams);
                if rule.origin.set.is_some() {
                    continue;
                }
                match earlier.judge(rule, &mut diagrams) {
                    Some(never) => found.push(never),
                    None => useful.push(rule.origin.place),
                }
            }
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    // A rule that decides on one ABI is of use, and one that decides on none is said once.
    let mut done: HashSet<Place> = useful.into_iter().collect();
    found.retain(|never| done.insert(never.place));
    found
}

/// What the rules of earlier groups decide of the calls of one name, in one file.
struct Earlier<'a> {
    name: &'static str,
    file: usize,
    /// The rules of the group under way, which do not count against each other.
    group: Vec<&'a Rule>,
    /// The first rule without conditions; what comes after it decides nothing.
    always: Option<Place>,
    /// The rules before it that count against others with conditions, and the calls that they match.
    tests: HashMap<&'a [ArgCondition], Place>,
    matched: Option<Id>,
    places: Vec<Place>,
}

impl<'a> Earlier<'a> {
    /// What is decided before a rule, which becomes the last of its group.
    fn than<'b>(
        rule: &'a Rule,
        calls: &'b mut Vec<Self>,
        sources: &Sources,
        diagrams: &mut Diagrams,
    ) -> &'b Self {
        let (name, file) = (rule.origin.name, sources.file_of(rule.origin.place));
        let known = calls.iter().position(|call| call.file == file && call.name == name);
        let at = known.unwrap_or_else(|| {
            let (group, always, tests) = (Vec::new(), None, HashMap::new());
            calls.push(Earlier { name, file, group, always, tests, matched: None, places: Vec::new() });
            calls.len() - 1
        });
        let earlier = &mut calls[at];
        if earlier.group.last().is_some_and(|last| last.origin.group != rule.origin.group) {
            for rule in core::mem::take(&mut earlier.group) {
                earlier.add(rule, diagrams);
            }
        }
        earlier.group.push(rule);
        earlier
    }

    fn add(&mut self, rule: &'a Rule, diagrams: &mut Diagrams) {
        if self.always.is_some() {
            return;
        }
        let place = rule.origin.place;
        if rule.conditions.is_empty() {
            self.always = Some(place);
        } else if !rule.origin.constants {
            self.tests.entry(&rule.conditions).or_insert(place);
            self.places.push(place);
            // What takes too much to show is not claimed.
            self.matched = self.with(rule, diagrams).ok().or(self.matched);
        }
    }

    /// The calls that the rule or one before it matches.
    fn with(&self, rule: &Rule, diagrams: &mut Diagrams) -> Result<Id, OverBudget> {
        let matched = rules::conjunction(diagrams, rule)?;
        self.matched.map_or(Ok(matched), |before| diagrams.or_else(before, matched))
    }

    fn judge(&self, rule: &Rule, diagrams: &mut Diagrams) -> Option<NeverFires> {
        let same = self.tests.get(&rule.conditions[..]).filter(|_| !rule.origin.constants);
        let deciding = match same.or(self.always.as_ref()) {
            Some(place) => vec![*place],
            None if rule.origin.constants || self.matched.is_none() => return None,
            None if self.with(rule, diagrams).ok() != self.matched => return None,
            None => self.places.iter().take(NAMED).copied().collect(),
        };
        Some(NeverFires { place: rule.origin.place, name: rule.origin.name, deciding })
    }
}

/// Those of the rules whose tests contradict each other, so that no call can meet them.
pub(crate) fn never_match<'a>(rules: impl Iterator<Item = &'a Rule>) -> Vec<&'a Rule> {
    // A single test that cannot hold never became a rule.
    let mut found: Vec<&Rule> = rules.filter(|rule| rule.conditions.len() > 1).collect();
    if !found.is_empty() {
        let mut diagrams = Diagrams::new(BUDGET);
        // What takes too much to show is not claimed.
        found.retain(|rule| {
            rules::conjunction(&mut diagrams, rule)
                .is_ok_and(|matched| diagrams.as_leaf(matched) == Some(Leaf::Undecided))
        });
    }
    found
}

/// The rules, where those of one number come to one verdict whatever the arguments, as one rule without conditions.
pub(crate) fn simplified(rules: &RuleSet) -> RuleSet {
    let mut rules = rules.clone();
    for abi in &mut rules.abis {
        let conditioned = abi.rules.iter().filter(|rule| !rule.conditions.is_empty());
        let mut numbers: Vec<u32> = conditioned.map(|rule| rule.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let mut diagrams = Diagrams::new(BUDGET);
            let outcome = rules::outcome(&mut diagrams, abi, number).ok();
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
