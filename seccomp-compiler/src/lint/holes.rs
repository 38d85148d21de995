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
use crate::kernel::effects::{Effect, Test};
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
    pub(super) open: Vec<Open>,
    /// Whether io_uring is among what is open.
    pub(super) by_io_uring: bool,
}

/// A call that is open, and does what another is refused for.
pub(super) struct Open {
    /// The call as a message names it.
    pub(super) shown: String,
    /// The effect that they share, or an empty name.
    pub(super) effect: &'static str,
    way: Way,
}

/// A rule that refuses a route.
struct Refusal {
    place: Place,
    /// The calls that it refuses; all of the number without conditions.
    conditions: Vec<ArgCondition>,
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
    ways.iter().map(|way| described(way, &[], abi)).collect()
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
        let mut refused: Vec<(&Way, Refusal)> = Vec::new();
        for way in ways.iter().filter(|way| closed.binary_search(&way.route.call).is_ok()) {
            // What takes too much to follow is not claimed.
            if let Ok(Some(refusal)) = self.refused(way) {
                refused.push((way, refusal));
            }
        }
        let leaves = |(refused, _): &(&Way, Refusal), open: &Way| refused.route.leaves(open.route);
        let mut open: Vec<&Way> = ways.iter().collect();
        open.retain(|way| refused.iter().any(|refused| leaves(refused, way)) && self.is_open(way));
        for refused in &refused {
            for open in open.iter().filter(|open| leaves(refused, open)) {
                self.add(refused.0, &refused.1, open);
            }
        }
    }

    fn add(&mut self, refused: &Way, refusal: &Refusal, open: &Way) {
        let call = refused.route.call;
        let position = self.found.iter().position(|hole| hole.refused == call).unwrap_or_else(|| {
            let (shown, place) = (call.to_owned(), refusal.place);
            self.found.push(Hole { refused: call, shown, place, open: Vec::new(), by_io_uring: false });
            self.found.len() - 1
        });
        let hole = &mut self.found[position];
        // What a whole call does as well may come first: signals, by ptrace(2).
        if hole.shown == call && !refusal.conditions.is_empty() {
            hole.shown = described(refused, &refusal.conditions, self.abi);
        }
        if open.route.call.starts_with("io_uring_") && open.route.effect != "io_uring" {
            hole.by_io_uring = true;
            return;
        }
        // Of two routes by one call, such as flags of two effects, the one that has the other says both.
        let diagrams = &mut self.diagrams;
        let mut has = |whole: &Way, part: &Way| {
            whole.number == part.number && is_within(diagrams, &part.conditions, whole)
        };
        if !hole.open.iter().any(|known| has(&known.way, open)) {
            hole.open.retain(|known| !has(open, &known.way));
            let shown = described(open, &[], self.abi);
            hole.open.push(Open { shown, effect: open.route.effect, way: open.clone() });
        }
    }

    /// Whether all calls of a way are let through.
    fn is_open(&mut self, way: &Way) -> bool {
        let answers = self.answers(way.number, &way.conditions).unwrap_or_default();
        !answers.is_empty() && answers.iter().all(|answer| answer.is_allowed())
    }

    /// What refuses a way by a rule that is about it, or leaves it out of what a rule lets through.
    fn refused(&mut self, way: &Way) -> Result<Option<Refusal>, OverBudget> {
        // A call that a filter cannot see into is refused because of all that it could do.
        if way.is_hidden {
            return Ok(None);
        }
        let answers = self.answers(way.number, &way.conditions)?;
        if answers.contains(&REFUSED_BY_NAME) {
            let is_whole = !way.route.is_aside && answers.iter().all(|answer| *answer == REFUSED_BY_NAME);
            let refusing = self.abi.of_number(way.number).filter(|rule| self.is_refusal(rule));
            for rule in refusing.collect::<Vec<_>>() {
                if is_whole || is_within(&mut self.diagrams, &rule.conditions, way) {
                    return Ok(Some(self.refusal(rule, rule.conditions.clone())));
                }
            }
        }
        if way.conditions.is_empty() || answers.iter().all(|answer| answer.is_allowed()) {
            return Ok(None);
        }
        self.left_out(way)
    }

    /// The rule that lets a call through and leaves out some calls of a way, which are refused then.
    fn left_out(&mut self, way: &Way) -> Result<Option<Refusal>, OverBudget> {
        for rule in self.abi.of_number(way.number) {
            for left_out in self.exclusions(rule) {
                let conditions = [left_out];
                if is_within(&mut self.diagrams, &conditions, way)
                    && self.answers(way.number, &conditions)?.iter().all(|answer| answer.is_refused())
                {
                    return Ok(Some(self.refusal(rule, conditions.into())));
                }
            }
        }
        Ok(None)
    }

    fn refusal(&self, rule: &Rule, conditions: Vec<ArgCondition>) -> Refusal {
        Refusal { place: self.origins.source(rule.origin).place, conditions }
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

/// The call with what its arguments have to be. Of several flags, it names those that `refused` tests.
fn described(way: &Way, refused: &[ArgCondition], abi: &AbiRules) -> String {
    let tested =
        refused.iter().fold(0, |all, test| all | if test.value == 0 { test.mask } else { test.value });
    let is_tested = |name: &&str| abi.architecture.constant(name).is_some_and(|value| value & tested != 0);
    let argument = |test: Test| {
        let Test { argument, operation, value, .. } = test;
        let named: Vec<&str> = value.split('|').filter(is_tested).collect();
        let shown = match named[..] {
            [only] => only.to_owned(),
            [first, ..] => format!("{first} | …"),
            [] => value.split_once('|').map_or_else(|| value.to_owned(), |(first, _)| format!("{first} | …")),
        };
        match operation {
            "Equal" | "MaskedEqual" | "BitsSet" => Some(format!("{argument}: {shown}")),
            "GreaterThan" => Some(format!("{argument} > {value}")),
            _ => None,
        }
    };
    let Way { route, conditions, .. } = way;
    let arguments: Vec<String> = route.tests().filter_map(argument).collect();
    let is_plain = arguments.is_empty() || conditions.is_empty() || route.is_hidden;
    if is_plain { route.call.to_owned() } else { format!("{}({})", route.call, arguments.join(", ")) }
}
