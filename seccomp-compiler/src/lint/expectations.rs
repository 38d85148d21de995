//! What authors rely on: whether it holds, and whether what overrides other expectations does so.

use std::collections::{HashMap, HashSet};

use crate::diagnose::filter::FilterProblem;
use crate::diagnose::problems::Problems;
use crate::diagnose::rules::{Breach, Expected, RuleProblem};
use crate::document::source::{Place, Sources};
use crate::engine::rules::Rule;
use crate::kernel::action::Promise;
use crate::kernel::architecture::Architecture;
use crate::policy::Policy;
use crate::proof::diagram::OverBudget;
use crate::proof::{Broken, Expectation, Outcomes};
use crate::resolve::Resolved;
use crate::resolve::origins::RuleSource;

/// The most pairs of an expectation and one that may override it. Real policies have a few for each call.
const MAX_PAIRS: usize = 1 << 14;

/// Reports expectations that are broken, and those that override nothing.
pub(super) fn check(policy: &Policy, resolved: &Resolved, sources: &Sources, problems: &mut Problems) {
    if policy.expectations.is_empty() {
        return;
    }
    let mut check = Check {
        policy,
        resolved,
        sources,
        outcomes: Outcomes::of(&resolved.rules),
        overriding: HashMap::new(),
        useful: HashSet::new(),
        pairs: 0,
        broken: Vec::new(),
        reported: HashMap::new(),
    };
    check.find_overriding();
    for expectation in &resolved.expectations {
        if check.add_broken(expectation).is_err() {
            let RuleSource { place, name, .. } = *check.source(&expectation.rule);
            let conditions = expectation.rule.conditions.len();
            return problems.report(place, FilterProblem::TooComplex { name, conditions });
        }
    }
    for (architecture, rule) in &resolved.beyond {
        check.add_let_through(architecture, rule);
    }
    check.report(problems);
}

struct Check<'a> {
    policy: &'a Policy,
    resolved: &'a Resolved,
    sources: &'a Sources,
    outcomes: Outcomes<'a>,
    /// The rules of overriding expectations, by their ABI and number.
    overriding: HashMap<(&'static str, u32), Vec<&'a Rule>>,
    /// The places of those that override something.
    useful: HashSet<Place>,
    pairs: usize,
    /// Each broken expectation once, with all the calls that break it; and where in this list each is.
    broken: Vec<(Place, Expected, Vec<Breach>)>,
    reported: HashMap<Place, usize>,
}

impl<'a> Check<'a> {
    fn source(&self, rule: &Rule) -> &'a RuleSource {
        self.resolved.origins.source(rule.origin)
    }

    fn architecture(&self, expectation: &Expectation) -> &'static Architecture {
        self.resolved.rules.abis[expectation.abi].architecture
    }

    fn overrides(&self, rule: &Rule) -> bool {
        self.policy.expectations.get(self.source(rule).group).is_some_and(|group| group.overrides)
    }

    fn find_overriding(&mut self) {
        let covered = self.resolved.expectations.iter();
        let covered = covered.map(|expectation| (self.architecture(expectation), &expectation.rule));
        let beyond = self.resolved.beyond.iter().map(|(architecture, rule)| (*architecture, rule));
        let all: Vec<_> = covered.chain(beyond).filter(|(_, rule)| self.overrides(rule)).collect();
        for (architecture, rule) in all {
            self.overriding.entry((architecture.name(), rule.number)).or_default().push(rule);
        }
    }

    /// The rules that count in place of an expectation, for the calls that they match: those of a file that includes its
    /// file, or of its own if it does not override anything itself.
    fn above(&self, rule: &Rule, architecture: &Architecture) -> Vec<&'a Rule> {
        let Some(overriding) = self.overriding.get(&(architecture.name(), rule.number)) else {
            return Vec::new();
        };
        let place = self.source(rule).place;
        let (file, overrides) = (self.sources.file_of(place), self.overrides(rule));
        let is_above = |other: &&&Rule| {
            let above = self.source(other).place;
            !(overrides && self.sources.file_of(above) == file) && self.sources.is_within(place, above)
        };
        overriding.iter().filter(is_above).copied().collect()
    }

    fn add(&mut self, place: Place, expected: Expected, breach: Breach) {
        let at = *self.reported.entry(place).or_insert(self.broken.len());
        match self.broken.get_mut(at) {
            Some((.., breaches)) => breaches.push(breach),
            None => self.broken.push((place, expected, vec![breach])),
        }
    }

    /// Adds a call that breaks an expectation, and that nothing overrides it for.
    fn add_broken(&mut self, expectation: &Expectation) -> Result<(), OverBudget> {
        let Expectation { rule, promise, .. } = expectation;
        let above = self.above(rule, self.architecture(expectation));
        self.pairs += above.len();
        if self.pairs > MAX_PAIRS {
            return Err(OverBudget);
        }
        for rule in &above {
            let mut both = expectation.clone();
            both.rule.conditions.extend(&rule.conditions);
            if self.outcomes.broken(&both, &[])?.is_some() {
                self.useful.insert(self.source(rule).place);
            }
        }
        let Some(broken) = self.outcomes.broken(expectation, &above)? else { return Ok(()) };
        let Broken { call, architecture, found, deciding } = broken;
        let fallbacks = self.policy.fallbacks();
        let default = || match call.number >= architecture.table_end() {
            true => fallbacks.newer_syscalls.or(fallbacks.default_action),
            false => fallbacks.default_action,
        };
        let deciding = deciding.map(|rule| self.resolved.origins.source(rule).place).or_else(default);
        let expected = promise.map_or(Expected::Action(rule.verdict), Expected::Promise);
        self.add(self.source(rule).place, expected, Breach { call, architecture, found, deciding });
        Ok(())
    }

    /// Adds a call of an ABI that the filter does not cover, if it is promised to be refused and is not.
    fn add_let_through(&mut self, architecture: &'static Architecture, rule: &Rule) {
        let group = self.policy.expectations.get(self.source(rule).group);
        let is_refused = group.is_some_and(|group| match group.promise {
            Some(promise) => promise == Promise::Refused,
            None => rule.verdict.is_refused(),
        });
        if !is_refused {
            return;
        }
        let above = self.above(rule, architecture);
        // What takes too much to follow gets the same answer as every other call of that ABI.
        if let Ok(Some(Broken { call, found, .. })) = self.outcomes.let_through(architecture, rule, &above) {
            let deciding = self.policy.fallbacks().foreign_architecture;
            let breach = Breach { call, architecture, found, deciding };
            self.add(self.source(rule).place, Expected::Promise(Promise::Refused), breach);
        }
    }

    fn report(mut self, problems: &mut Problems) {
        // What overrides nothing: nothing else is expected of its calls. What is broken itself is reported as that.
        let broken = self.broken.iter().map(|(place, ..)| *place);
        self.useful.extend(broken);
        for expectation in &self.resolved.expectations {
            let RuleSource { place, name, .. } = *self.source(&expectation.rule);
            if self.overrides(&expectation.rule) && self.useful.insert(place) {
                problems.report(place, RuleProblem::OverridesNothing { name });
            }
        }
        let effects = || self.policy.expectations.iter().flat_map(|group| &group.effects);
        for (place, expected, breaches) in self.broken {
            let effect = effects().find(|effect| effect.place == place).map(|effect| effect.value.clone());
            let effect = effect.filter(|_| matches!(expected, Expected::Promise(_)));
            let is_included = self.sources.file_of(place) != 0;
            problems
                .report(place, RuleProblem::BrokenExpectation { breaches, expected, effect, is_included });
        }
    }
}
