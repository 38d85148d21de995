//! Rules that never decide anything: earlier groups match all of their calls, or their conditions contradict each
//! other.

use std::collections::{HashMap, HashSet};

use crate::document::source::{Place, Sources};
use crate::engine::rules::{AbiRules, ArgCondition, Rule, RuleSet, Verdict};
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget};
use crate::proof::{BUDGET, rules};
use crate::resolve::origins::{Origins, RuleSource};

/// A rule that never decides, with the rules that decide before it.
pub(crate) struct NeverFires {
    pub(crate) place: Place,
    pub(crate) name: &'static str,
    pub(crate) deciding: Vec<Place>,
    /// Whether a member of a set decides, with the same verdict.
    pub(crate) repeats_set: bool,
}

/// At most this many rules are named where several decide only together.
const NAMED: usize = 5;

/// The rules that never decide a call on any of the ABIs.
///
/// This judges what the author wrote: members of sets may overlap, and a file may override what it includes. Two names
/// of one number are two calls, and constants that are equal on this architecture may differ on another, so a rule that
/// names constants counts only against rules without conditions.
pub(crate) fn never_fires(rules: &RuleSet, origins: &Origins, sources: &Sources) -> Vec<NeverFires> {
    let all_differ = |abi: &AbiRules| abi.rules.windows(2).all(|pair| pair[0].number != pair[1].number);
    if rules.abis.iter().all(all_differ) {
        return Vec::new();
    }
    let mut diagrams = Diagrams::new(BUDGET);
    let mut never: Vec<NeverFires> = Vec::new();
    let mut deciding: HashSet<Place> = HashSet::new();
    for abi in &rules.abis {
        for rules in abi.rules.chunk_by(|a, b| a.number == b.number) {
            let mut calls: Vec<Earlier<'_>> = Vec::new();
            for rule in rules {
                let source = origins.source(rule.origin);
                if rules.len() == 1 {
                    deciding.insert(source.place);
                    continue;
                }
                let file = sources.file_of(source.place);
                let earlier = Earlier::before(rule, source, file, &mut calls, &mut diagrams);
                if !source.is_by_name() {
                    continue;
                }
                match earlier.judge(rule, source, &mut diagrams) {
                    Some(found) => never.push(found),
                    None => _ = deciding.insert(source.place),
                }
            }
        }
    }
    // A rule that decides on one ABI is useful; one that decides on none is reported once.
    never.retain(|never| deciding.insert(never.place));
    never
}

/// What the rules of earlier groups in one file decide about the calls with one name.
struct Earlier<'a> {
    name: &'static str,
    file: usize,
    /// The rules of the current group, which are not compared with each other.
    group: Vec<(&'a Rule, &'a RuleSource)>,
    /// The first rule without conditions. No rule after it decides anything.
    always: Option<Always>,
    /// The rules with conditions before it, and the calls that they match. Rules that name constants are left out.
    conditions: HashMap<&'a [ArgCondition], Place>,
    matched: Option<Id>,
    places: Vec<Place>,
}

/// An earlier rule without conditions, with its verdict if it is that of a member of a set.
#[derive(Clone, Copy)]
struct Always {
    place: Place,
    set: Option<Verdict>,
}

impl<'a> Earlier<'a> {
    /// What is decided before `rule`, which becomes the last of its group.
    fn before<'b>(
        rule: &'a Rule,
        source: &'a RuleSource,
        file: usize,
        calls: &'b mut Vec<Self>,
        diagrams: &mut Diagrams,
    ) -> &'b Self {
        let name = source.name;
        let position = calls.iter().position(|call| call.file == file && call.name == name);
        let position = position.unwrap_or_else(|| {
            let (group, conditions, places) = (Vec::new(), HashMap::new(), Vec::new());
            calls.push(Earlier { name, file, group, always: None, conditions, matched: None, places });
            calls.len() - 1
        });
        let earlier = &mut calls[position];
        if earlier.group.last().is_some_and(|(_, last)| last.group != source.group) {
            for (rule, source) in core::mem::take(&mut earlier.group) {
                earlier.add(rule, source, diagrams);
            }
        }
        earlier.group.push((rule, source));
        earlier
    }

    fn add(&mut self, rule: &'a Rule, source: &RuleSource, diagrams: &mut Diagrams) {
        if self.always.is_some() {
            return;
        }
        if rule.conditions.is_empty() {
            let set = source.set.map(|_| rule.verdict);
            self.always = Some(Always { place: source.place, set });
        } else if !source.constants {
            self.conditions.entry(&rule.conditions).or_insert(source.place);
            self.places.push(source.place);
            // Nothing is reported that would cost too much to prove.
            self.matched = self.with(rule, diagrams).ok().or(self.matched);
        }
    }

    /// The calls that `rule` or one before it matches.
    fn with(&self, rule: &Rule, diagrams: &mut Diagrams) -> Result<Id, OverBudget> {
        let matched = rules::conjunction(diagrams, rule)?;
        self.matched.map_or(Ok(matched), |before| diagrams.or_else(before, matched))
    }

    fn judge(&self, rule: &Rule, source: &RuleSource, diagrams: &mut Diagrams) -> Option<NeverFires> {
        let same = self.conditions.get(&rule.conditions[..]).filter(|_| !source.constants);
        let always = self.always.filter(|_| same.is_none());
        let deciding = match same.copied().or(always.map(|always| always.place)) {
            Some(place) => vec![place],
            None if source.constants || self.matched.is_none() => return None,
            None if self.with(rule, diagrams).ok() != self.matched => return None,
            None => self.places.iter().take(NAMED).copied().collect(),
        };
        let repeats_set = always.is_some_and(|always| always.set == Some(rule.verdict));
        Some(NeverFires { place: source.place, name: source.name, deciding, repeats_set })
    }
}

/// The rules whose conditions contradict each other, so that no call can meet them.
pub(crate) fn never_match<'a>(rules: impl Iterator<Item = &'a Rule>) -> Vec<&'a Rule> {
    // An entry with a single condition that never holds makes no rule.
    let mut never: Vec<&Rule> = rules.filter(|rule| rule.conditions.len() > 1).collect();
    if !never.is_empty() {
        let mut diagrams = Diagrams::new(BUDGET);
        // Nothing is reported that would cost too much to prove.
        never.retain(|rule| {
            rules::conjunction(&mut diagrams, rule)
                .is_ok_and(|matched| diagrams.as_leaf(matched) == Some(Leaf::Undecided))
        });
    }
    never
}
