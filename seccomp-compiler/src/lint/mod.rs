//! What is wrong or odd about a policy as a whole, once each of its parts is sound: rules that never decide, expectations
//! that are broken, and warnings.

mod overlap;
mod warnings;

use self::overlap::{NeverFires, never_fires, never_match};
use crate::diagnose::conditions::ConditionProblem;
use crate::diagnose::filter::FilterProblem;
use crate::diagnose::problems::Problems;
use crate::diagnose::rules::RuleProblem;
use crate::document::source::Sources;
use crate::policy::Policy;
use crate::proof::{Broken, Outcomes};
use crate::resolve::Resolved;
use crate::resolve::applies::check_all_apply_somewhere;

/// Reports what is wrong with the rules as a whole. While there are errors in the parts, nothing can be said.
pub(crate) fn check(policy: &Policy, resolved: &Resolved, sources: &Sources, problems: &mut Problems) {
    if problems.has_errors() {
        return;
    }
    let Resolved { rules, expectations, origins } = resolved;
    check_all_apply_somewhere(policy, sources, problems);
    for NeverFires { place, name, deciding } in never_fires(rules, origins, sources) {
        problems.report(place, RuleProblem::NeverFires { name, deciding });
    }
    let ruled = rules.abis.iter().flat_map(|abi| &abi.rules);
    for rule in never_match(ruled.chain(expectations.iter().map(|expectation| &expectation.rule))) {
        let source = origins.source(rule.origin);
        problems.report(source.place, ConditionProblem::ContradictoryConditions { name: source.name });
    }
    check_expectations(resolved, problems);
    warnings::check(policy, &rules.abis, origins, problems);
}

fn check_expectations(Resolved { rules, expectations, origins }: &Resolved, problems: &mut Problems) {
    let mut outcomes = None;
    for expectation in expectations {
        let source = origins.source(expectation.rule.origin);
        let outcomes = outcomes.get_or_insert_with(|| Outcomes::of(rules));
        let Ok(broken) = outcomes.broken(expectation) else {
            let (name, conditions) = (source.name, expectation.rule.conditions.len());
            problems.report(source.place, FilterProblem::TooComplex { name, conditions });
            return;
        };
        if let Some(Broken { call, architecture, found, deciding }) = broken {
            let broken = RuleProblem::BrokenExpectation {
                call,
                architecture,
                expected: expectation.rule.verdict,
                found,
                deciding: deciding.map(|rule| origins.source(rule).place),
            };
            problems.report(source.place, broken);
        }
    }
}
