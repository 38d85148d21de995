//! What is wrong or odd about a policy as a whole, once each of its parts is sound: rules that never decide, expectations
//! that are broken, and warnings.

mod alternatives;
mod conditions;
mod fallbacks;
mod holes;
mod libraries;
mod overlap;
mod warnings;

use self::overlap::{NeverFires, never_fires, never_match};
use crate::diagnose::conditions::ConditionProblem;
use crate::diagnose::filter::FilterProblem;
use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::diagnose::rules::{Breach, Expected, RuleProblem};
use crate::document::source::{Place, Sources};
use crate::kernel::action::Promise;
use crate::policy::{Action, Policy};
use crate::proof::{Broken, Outcomes};
use crate::resolve::Resolved;
use crate::resolve::applies::check_all_apply_somewhere;

/// Reports what is wrong with the rules as a whole. While there are errors in the parts, nothing can be said.
pub(crate) fn check(policy: &Policy, resolved: &Resolved, sources: &Sources, problems: &mut Problems) {
    if problems.has_errors() {
        return;
    }
    let Resolved { rules, expectations, origins, beyond: _ } = resolved;
    check_all_apply_somewhere(policy, sources, problems);
    for NeverFires { place, name, deciding, repeats_set } in never_fires(rules, origins, sources) {
        // Newer tables have larger sets and more routes, and an update must not break a build.
        let effects = || policy.groups.iter().flat_map(|group| &group.effects);
        if repeats_set {
            problems.report(place, LintProblem::InEarlierSet { name, deciding });
        } else if deciding.iter().any(|place| effects().any(|effect| effect.place == *place)) {
            problems.report(place, LintProblem::DecidedByEffect { name, deciding });
        } else {
            problems.report(place, RuleProblem::NeverFires { name, deciding });
        }
    }
    let ruled = rules.abis.iter().flat_map(|abi| &abi.rules);
    for rule in never_match(ruled.chain(expectations.iter().map(|expectation| &expectation.rule))) {
        let source = origins.source(rule.origin);
        problems.report(source.place, ConditionProblem::ContradictoryConditions { name: source.name });
    }
    check_effects(policy, problems);
    check_expectations(policy, resolved, problems);
    fallbacks::check(policy, resolved, problems);
    if let Some(native) = rules.abis.first() {
        conditions::check(policy, native.architecture, problems);
        alternatives::check(native, origins, problems);
    }
    warnings::check(policy, &rules.abis, origins, problems);
}

/// What calls do can be refused or watched: that all else is refused as well, `allow` would not say.
fn check_effects(policy: &Policy, problems: &mut Problems) {
    for group in policy.groups.iter().filter(|group| group.action.value == Action::Allow) {
        for effect in &group.effects {
            problems.report(effect.place, RuleProblem::AllowedEffect { effect: effect.value.clone() });
        }
    }
}

/// Reports each broken expectation once, with all the calls that break it.
fn check_expectations(policy: &Policy, resolved: &Resolved, problems: &mut Problems) {
    let Resolved { rules, expectations, beyond, origins } = resolved;
    if expectations.is_empty() && beyond.is_empty() {
        return;
    }
    let fallbacks = policy.fallbacks();
    let mut outcomes = Outcomes::of(rules);
    let mut broken: Vec<(Place, Expected, Vec<Breach>)> = Vec::new();
    let mut add = |place, expected, breach| match broken
        .iter_mut()
        .find(|(of, asks, _)| (*of, *asks) == (place, expected))
    {
        Some((.., breaches)) => breaches.push(breach),
        None => broken.push((place, expected, vec![breach])),
    };
    for expectation in expectations {
        let source = origins.source(expectation.rule.origin);
        let Ok(witness) = outcomes.broken(expectation) else {
            let (name, conditions) = (source.name, expectation.rule.conditions.len());
            problems.report(source.place, FilterProblem::TooComplex { name, conditions });
            break;
        };
        let Some(Broken { call, architecture, found, deciding }) = witness else { continue };
        let default = || match call.number >= architecture.table_end() {
            true => fallbacks.newer_syscalls.or(fallbacks.default_action),
            false => fallbacks.default_action,
        };
        let deciding = deciding.map(|rule| origins.source(rule).place).or_else(default);
        let expected =
            expectation.promise.map_or(Expected::Action(expectation.rule.verdict), Expected::Promise);
        add(source.place, expected, Breach { call, architecture, found, deciding });
    }
    for (architecture, rule) in beyond {
        // What takes too much to follow gets the same answer as every other call of that ABI.
        if let Ok(Some(Broken { call, found, .. })) = outcomes.let_through(architecture, rule) {
            let deciding = fallbacks.foreign_architecture;
            let breach = Breach { call, architecture, found, deciding };
            add(origins.source(rule.origin).place, Expected::Promise(Promise::Refused), breach);
        }
    }
    let effects = || policy.expectations.iter().flat_map(|group| &group.effects);
    for (place, expected, breaches) in broken {
        let effect = effects().find(|effect| effect.place == place).map(|effect| effect.value.clone());
        let effect = effect.filter(|_| expected == Expected::Promise(Promise::Refused));
        problems.report(place, RuleProblem::BrokenExpectation { breaches, expected, effect });
    }
}
