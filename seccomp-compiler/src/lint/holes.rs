//! Holes: a rule refuses one route to an effect, and another does the same and is let through.
//!
//! This judges what the rules mean, as decision diagrams, not how they are written. A route counts as refused where a
//! rule refuses nothing but calls that have the effect, or all of them and the call is for little else. It counts as
//! open only where all of it is let through: what is refused in part is what the author has thought about.

use crate::document::source::Place;
use crate::engine::rules::{AbiRules, Rule, Verdict};
use crate::kernel::effects::{Effect, Route};
use crate::proof::diagram::{Diagrams, Leaf, OverBudget};
use crate::proof::{BUDGET, rules};
use crate::resolve::effects::{Way, ways};
use crate::resolve::origins::Origins;

/// A call that a rule refuses, and what is open beside it.
pub(super) struct Hole {
    pub(super) refused: &'static str,
    /// The call as a message names it.
    pub(super) shown: String,
    pub(super) place: Place,
    /// Each as a message names it, with the effect that they share.
    pub(super) open: Vec<(String, &'static str)>,
    /// Whether io_uring is among what is open.
    pub(super) by_io_uring: bool,
}

/// The holes of one ABI, by the names of the refused calls. The effects of groups are closed as a whole, so they have
/// none.
pub(super) fn holes(abi: &AbiRules, origins: &Origins) -> Vec<Hole> {
    let by_hand = |rule: &&Rule| rule.verdict.is_refused() && origins.source(rule.origin).effect.is_none();
    let mut refused: Vec<&str> =
        abi.rules.iter().filter(by_hand).map(|rule| origins.source(rule.origin).name).collect();
    refused.sort_unstable();
    refused.dedup();
    if refused.is_empty() {
        return Vec::new();
    }
    let mut search = Search { abi, origins, diagrams: Diagrams::new(BUDGET), found: Vec::new() };
    for effect in Effect::all().filter(|effect| effect.is_reached_by(&refused)) {
        search.effect(effect);
    }
    search.found
}

/// The routes to an effect that are let through as a whole, but for the calls that are meant to be.
pub(super) fn opened(
    abi: &AbiRules,
    origins: &Origins,
    effect: Effect,
    is_meant: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut search = Search { abi, origins, diagrams: Diagrams::new(BUDGET), found: Vec::new() };
    let mut ways = ways(effect, abi.architecture);
    ways.retain(|way| search.fate(way).unwrap_or_default().is_open && !is_meant(way.route.call));
    ways.into_iter().map(|way| described(way.route)).collect()
}

struct Search<'a> {
    abi: &'a AbiRules,
    origins: &'a Origins,
    diagrams: Diagrams,
    found: Vec<Hole>,
}

impl Search<'_> {
    fn effect(&mut self, effect: Effect) {
        let ways = ways(effect, self.abi.architecture);
        // What takes too much to follow is not claimed.
        let fates: Vec<Fate> = ways.iter().map(|way| self.fate(way).unwrap_or_default()).collect();
        for (way, fate) in ways.iter().zip(&fates) {
            let Some(place) = fate.refused else { continue };
            let open = ways.iter().zip(&fates).filter(|(_, fate)| fate.is_open);
            for (other, _) in open.filter(|(other, _)| way.route.is_kin(other.route)) {
                self.add(way.route, place, other.route);
            }
        }
    }

    fn add(&mut self, refused: Route, place: Place, open: Route) {
        let position = self.found.iter().position(|hole| hole.refused == refused.call);
        let position = position.unwrap_or_else(|| {
            // Nothing else of such a call is refused, but of several flags maybe only some.
            let is_exact = refused.is_aside && !refused.conditions.contains('|');
            let shown = if is_exact { described(refused) } else { refused.call.to_owned() };
            let open = Vec::new();
            self.found.push(Hole { refused: refused.call, shown, place, open, by_io_uring: false });
            self.found.len() - 1
        });
        let hole = &mut self.found[position];
        if open.call.starts_with("io_uring_") && open.effect != "io_uring" {
            hole.by_io_uring = true;
        } else {
            if open.call == refused.call {
                hole.shown = described(refused);
            }
            let name = described(open);
            if !hole.open.iter().any(|(known, _)| *known == name) {
                hole.open.push((name, open.effect));
            }
        }
    }

    /// What becomes of the calls of a way.
    fn fate(&mut self, way: &Way) -> Result<Fate, OverBudget> {
        let rules: Vec<&Rule> = self.abi.of_number(way.number).collect();
        let otherwise = told(self.abi.otherwise(way.number), false);
        let by_hand = |rule: &Rule| self.origins.source(rule.origin).is_written();
        let told_rules =
            rules.iter().map(|rule| Rule { verdict: told(rule.verdict, by_hand(rule)), ..(*rule).clone() });
        let told_rules: Vec<Rule> = told_rules.collect();
        let answers = match told_rules.first() {
            None => vec![otherwise],
            Some(rule) if rule.conditions.is_empty() => vec![rule.verdict],
            Some(_) => self.answers(way, told_rules, otherwise)?,
        };
        let refusing: Vec<&Rule> =
            rules.into_iter().filter(|rule| rule.verdict.is_refused() && by_hand(rule)).collect();
        let refused = self.refusing(way, &answers, &refusing)?;
        let refused = refused.map(|rule| self.origins.source(rule.origin).place);
        let is_open = !answers.is_empty() && answers.iter().all(|answer| answer.is_allowed());
        Ok(Fate { refused, is_open })
    }

    /// The rule that is about a way and refuses it, if one of these is.
    fn refusing<'b>(
        &mut self,
        way: &Way,
        answers: &[Verdict],
        rules: &[&'b Rule],
    ) -> Result<Option<&'b Rule>, OverBudget> {
        // A call that a filter cannot see into is refused because of all that it could do.
        if way.is_hidden || !answers.contains(&REFUSED_BY_NAME) {
            return Ok(None);
        }
        if !way.route.is_aside && answers.iter().all(|answer| *answer == REFUSED_BY_NAME) {
            return Ok(rules.first().copied());
        }
        for rule in rules {
            if self.is_within(rule, way)? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    /// Whether every call that a rule matches has the effect, and it matches some.
    fn is_within(&mut self, rule: &Rule, way: &Way) -> Result<bool, OverBudget> {
        if rule.conditions.is_empty() {
            return Ok(way.conditions.is_empty());
        }
        let diagrams = &mut self.diagrams;
        let having = Rule { conditions: way.conditions.clone(), ..rule.clone() };
        let (matched, having) = (rules::conjunction(diagrams, rule)?, rules::conjunction(diagrams, &having)?);
        let pairs = diagrams.pairs(matched, having)?;
        let (mut some, mut all) = (false, true);
        for pair in pairs {
            some |= matches!(pair, (Leaf::Answer(_), Leaf::Answer(_)));
            all &= !matches!(pair, (Leaf::Answer(_), Leaf::Undecided));
        }
        Ok(some && all)
    }

    /// Every answer that the calls of a way get.
    fn answers(
        &mut self,
        way: &Way,
        rules: Vec<Rule>,
        otherwise: Verdict,
    ) -> Result<Vec<Verdict>, OverBudget> {
        let matched = Rule {
            number: way.number,
            conditions: way.conditions.clone(),
            verdict: Verdict::Allow,
            origin: rules[0].origin,
        };
        let architecture = self.abi.architecture;
        let abi = AbiRules { architecture, rules, default: otherwise, newer: otherwise };
        let diagrams = &mut self.diagrams;
        let matched = rules::conjunction(diagrams, &matched)?;
        let outcome = rules::outcome(diagrams, &abi, way.number, |verdict| verdict)?;
        let pairs = diagrams.pairs(matched, outcome)?;
        let answers = pairs.into_iter().filter_map(|pair| match pair {
            (Leaf::Answer(_), Leaf::Answer(answer)) => Some(answer),
            _ => None,
        });
        Ok(answers.collect())
    }
}

/// What becomes of the calls of a way: the rule that names it and refuses some of it, and whether all are let through.
#[derive(Debug, Default)]
struct Fate {
    refused: Option<Place>,
    is_open: bool,
}

/// Stands for a refusal by a rule that names the call.
const REFUSED_BY_NAME: Verdict = Verdict::KillThread;

/// The four answers that are told apart here: refused by a rule that names the call, refused otherwise, let through, and
/// left to a tracer or supervisor.
fn told(verdict: Verdict, by_hand: bool) -> Verdict {
    match verdict {
        verdict if verdict.is_refused() && by_hand => REFUSED_BY_NAME,
        verdict if verdict.is_refused() => Verdict::KillProcess,
        verdict if verdict.is_allowed() => Verdict::Allow,
        _ => Verdict::UserNotif,
    }
}

/// The call with what its arguments have to be.
fn described(route: Route) -> String {
    let tests = route.tests().filter(|test| !["NotEqual", "BitsNotSet"].contains(&test.operation));
    let argument = |value: &str| match value.split_once('|') {
        Some((first, _)) => format!("{first} | …"),
        None => value.to_owned(),
    };
    let arguments: Vec<String> =
        tests.map(|test| format!("{}: {}", test.argument, argument(test.value))).collect();
    let is_plain = arguments.is_empty() || route.is_hidden;
    if is_plain { route.call.to_owned() } else { format!("{}({})", route.call, arguments.join(", ")) }
}
