//! What is wrong or odd about a policy as a whole, once each of its parts is sound: rules that never decide, expectations
//! that are broken, and warnings.

mod alternatives;
mod approval;
mod conditions;
mod expectations;
mod fallbacks;
mod holes;
mod libraries;
mod overlap;
pub(crate) mod reasons;
mod warnings;

use self::overlap::{NeverFires, never_fires, never_match};
use crate::diagnose::conditions::ConditionProblem;
use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::diagnose::rules::RuleProblem;
use crate::document::source::Sources;
use crate::policy::{Action, Policy};
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
    expectations::check(policy, resolved, sources, problems);
    fallbacks::check(policy, resolved, problems);
    let Some(native) = rules.abis.first() else { return };
    let covered = policy.covered(native.architecture);
    let covered = rules.abis.iter().filter(|abi| covered.contains(&abi.architecture));
    for abi in covered.clone() {
        conditions::check(policy, abi.architecture, problems);
    }
    alternatives::check(covered.clone(), origins, policy.fallbacks(), problems);
    approval::check(policy, covered.clone(), problems);
    warnings::check(policy, covered, origins, problems);
}

/// What calls do can be refused or watched: that all else is refused as well, `allow` would not say.
fn check_effects(policy: &Policy, problems: &mut Problems) {
    for group in policy.groups.iter().filter(|group| group.action.value == Action::Allow) {
        for effect in &group.effects {
            problems.report(effect.place, RuleProblem::AllowedEffect { effect: effect.value.clone() });
        }
    }
}
