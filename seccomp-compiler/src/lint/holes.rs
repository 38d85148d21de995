//! Holes: a rule refuses one route to an effect, and another does the same and is let through.
//!
//! This judges what the rules mean, as decision diagrams, not how they are written. A route counts as refused where a
//! rule refuses nothing but calls that have the effect, or all of them and the call is for little else; and where a rule
//! that lets a call through leaves out nothing but such calls. It counts as open only where all of it is let through: what
//! is refused in part is what the author has thought about.
//!
//! Values of one argument that do the same, such as two requests of `ptrace`, are routes of this kind as well.

use crate::document::source::Place;
use crate::engine::rules::{AbiRules, ArgCondition, Comparison, Must, Rule, Verdict};
use crate::kernel::architecture::Width;
use crate::kernel::effects::{Effect, Route, Test};
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget};
use crate::proof::{BUDGET, rules};
use crate::resolve::effects::{Way, ways};
use crate::resolve::origins::Origins;

/// A call that a rule refuses, and what is open beside it.
pub(super) struct Hole {
    pub(super) refused: &'static str,
    /// The call as a message names it.
    pub(super) shown: String,
    pub(super) place: Place,
    /// Each as a message names it, with the effect that they share, or an empty name.
    pub(super) open: Vec<(String, &'static str)>,
    /// Whether io_uring is among what is open.
    pub(super) by_io_uring: bool,
}

/// The holes of one ABI, by the names of the refused calls. The effects of groups are closed as a whole, so they have
/// none.
pub(super) fn holes(abi: &AbiRules, origins: &Origins) -> Vec<Hole> {
    let mut search = Search { abi, origins, diagrams: Diagrams::new(BUDGET), found: Vec::new() };
    let closes = |rule: &&Rule| search.is_refusal(rule) || search.exclusions(rule).next().is_some();
    let mut closed: Vec<&str> =
        abi.rules.iter().filter(closes).map(|rule| origins.source(rule.origin).name).collect();
    closed.sort_unstable();
    closed.dedup();
    let effects = Effect::all().chain([Effect::of_twin_values()]);
    for effect in effects.filter(|effect| effect.is_reached_by(&closed)) {
        search.effect(effect, &closed);
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
    ways.retain(|way| search.is_open(way) && !is_meant(way.route.call));
    ways.into_iter().map(|way| described(way.route)).collect()
}

struct Search<'a> {
    abi: &'a AbiRules,
    origins: &'a Origins,
    diagrams: Diagrams,
    found: Vec<Hole>,
}

impl<'a> Search<'a> {
    fn is_by_hand(&self, rule: &Rule) -> bool {
        self.origins.source(rule.origin).is_written()
    }

    fn is_refusal(&self, rule: &Rule) -> bool {
        rule.verdict.is_refused() && self.is_by_hand(rule)
    }

    /// What a rule that lets a call through leaves out: one value, or all values with one of some bits.
    fn exclusions(&self, rule: &'a Rule) -> impl Iterator<Item = ArgCondition> + use<'a> {
        let is_let_through = rule.verdict.is_allowed() && self.is_by_hand(rule);
        let excludes = |condition: &&ArgCondition| {
            condition.comparison == Comparison::Equal
                && (condition.must == Must::Fail || condition.value == 0 && !is_whole(condition.mask))
        };
        let conditions = rule.conditions.iter().filter(move |_| is_let_through);
        conditions.filter(excludes).map(|condition| condition.negated())
    }

    /// Adds the holes of an effect; only these calls can be refused by hand.
    fn effect(&mut self, effect: Effect, closed: &[&str]) {
        let ways = ways(effect, self.abi.architecture);
        let mut refused: Vec<(Route, Place)> = Vec::new();
        for way in ways.iter().filter(|way| closed.binary_search(&way.route.call).is_ok()) {
            // What takes too much to follow is not claimed.
            if let Ok(Some(place)) = self.refused(way) {
                refused.push((way.route, place));
            }
        }
        let mut open = ways;
        open.retain(|way| refused.iter().any(|(route, _)| route.leaves(way.route)) && self.is_open(way));
        for (route, place) in refused {
            for other in open.iter().filter(|other| route.leaves(other.route)) {
                self.add(route, place, other.route);
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

    /// Whether all calls of a way are let through.
    fn is_open(&mut self, way: &Way) -> bool {
        let answers = self.answers(way.number, &way.conditions).unwrap_or_default();
        !answers.is_empty() && answers.iter().all(|answer| answer.is_allowed())
    }

    /// The rule that is about a way and refuses it, or leaves it out of what is let through, if there is one.
    fn refused(&mut self, way: &Way) -> Result<Option<Place>, OverBudget> {
        // A call that a filter cannot see into is refused because of all that it could do.
        if way.is_hidden {
            return Ok(None);
        }
        let answers = self.answers(way.number, &way.conditions)?;
        let rules: Vec<&Rule> = self.abi.of_number(way.number).collect();
        let origins = self.origins;
        let place = |rule: &Rule| Ok(Some(origins.source(rule.origin).place));
        if answers.contains(&REFUSED_BY_NAME) {
            let refusing: Vec<&&Rule> = rules.iter().filter(|rule| self.is_refusal(rule)).collect();
            let is_whole = !way.route.is_aside && answers.iter().all(|answer| *answer == REFUSED_BY_NAME);
            let mut about = refusing
                .iter()
                .filter(|rule| is_whole || is_within(&mut self.diagrams, &rule.conditions, way));
            if let Some(rule) = about.next() {
                return place(rule);
            }
        }
        if way.conditions.is_empty() || answers.iter().all(|answer| answer.is_allowed()) {
            return Ok(None);
        }
        for rule in rules {
            for left_out in self.exclusions(rule) {
                let conditions = [left_out];
                if is_within(&mut self.diagrams, &conditions, way)
                    && self.answers(way.number, &conditions)?.iter().all(|answer| answer.is_refused())
                {
                    return place(rule);
                }
            }
        }
        Ok(None)
    }

    /// Every answer that some calls of a number get.
    fn answers(&mut self, number: u32, conditions: &[ArgCondition]) -> Result<Vec<Verdict>, OverBudget> {
        let told_rule = |rule: &Rule| {
            let verdict = told(rule.verdict, self.is_by_hand(rule));
            Rule { verdict, ..rule.clone() }
        };
        let rules: Vec<Rule> = self.abi.of_number(number).map(told_rule).collect();
        let otherwise = told(self.abi.otherwise(number), false);
        match rules.first() {
            None => return Ok(vec![otherwise]),
            Some(rule) if rule.conditions.is_empty() => return Ok(vec![rule.verdict]),
            Some(_) => {}
        }
        let diagrams = &mut self.diagrams;
        let matched = matching(diagrams, conditions)?;
        let architecture = self.abi.architecture;
        let abi = AbiRules { architecture, rules, default: otherwise, newer: otherwise };
        let outcome = rules::outcome(diagrams, &abi, number, |verdict| verdict)?;
        let pairs = diagrams.pairs(matched, outcome)?;
        let answers = pairs.into_iter().filter_map(|pair| match pair {
            (Leaf::Answer(_), Leaf::Answer(answer)) => Some(answer),
            _ => None,
        });
        Ok(answers.collect())
    }
}

/// Whether a mask is that of a whole argument.
fn is_whole(mask: u64) -> bool {
    [Width::BITS_16, Width::BITS_32, Width::BITS_64].iter().any(|width| width.mask() == mask)
}

/// The calls that meet these conditions.
fn matching(diagrams: &mut Diagrams, conditions: &[ArgCondition]) -> Result<Id, OverBudget> {
    let rule = Rule { conditions: conditions.to_vec(), ..Rule::new(0, Verdict::Allow) };
    rules::conjunction(diagrams, &rule)
}

/// Whether every call that meets some conditions has the effect, and there are some. What takes too much to follow is
/// not claimed.
fn is_within(diagrams: &mut Diagrams, conditions: &[ArgCondition], way: &Way) -> bool {
    if conditions.is_empty() {
        return way.conditions.is_empty();
    }
    let mut pairs = || {
        let (matched, having) = (matching(diagrams, conditions)?, matching(diagrams, &way.conditions)?);
        diagrams.pairs(matched, having)
    };
    let (mut some, mut all) = (false, true);
    for pair in pairs().unwrap_or_default() {
        some |= matches!(pair, (Leaf::Answer(_), Leaf::Answer(_)));
        all &= !matches!(pair, (Leaf::Answer(_), Leaf::Undecided));
    }
    some && all
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
    let argument = |test: Test| {
        let Test { argument, operation, value, .. } = test;
        let first = value.split('|').next().unwrap_or_default();
        match operation {
            "Equal" | "MaskedEqual" | "BitsSet" if first != value => Some(format!("{argument}: {first} | …")),
            "Equal" | "MaskedEqual" | "BitsSet" => Some(format!("{argument}: {value}")),
            "GreaterThan" => Some(format!("{argument} > {value}")),
            _ => None,
        }
    };
    let arguments: Vec<String> = route.tests().filter_map(argument).collect();
    let is_plain = arguments.is_empty() || route.is_hidden;
    if is_plain { route.call.to_owned() } else { format!("{}({})", route.call, arguments.join(", ")) }
}
