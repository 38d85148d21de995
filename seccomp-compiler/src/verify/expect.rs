//! What the author relies on, shown for every call: or a call on which it does not hold.

use super::{BUDGET, policy};
use crate::diagram::{Diagrams, Leaf, OverBudget};
use crate::rules::{Call, Expectation, Rule, RuleSet, Space, Verdict};
use crate::source::Place;

/// A call that comes to something else than expected.
pub(crate) struct Broken {
    /// Where the expectation is.
    pub(crate) place: Place,
    pub(crate) call: String,
    pub(crate) expected: String,
    pub(crate) found: String,
    /// The rule that decides the call, if one does.
    pub(crate) deciding: Option<Place>,
}

/// Whether the rules keep an expectation; the error is that it takes too much to tell.
pub(crate) fn broken(rules: &RuleSet, expectation: &Expectation) -> Result<Option<Broken>, OverBudget> {
    let Expectation { space, rule } = expectation;
    let Some(space) = rules.spaces.get(*space) else { return Ok(None) };
    let mut diagrams = Diagrams::new(BUDGET);
    let found = policy::outcome(&mut diagrams, space, rule.number)?;
    let wanted = policy::conjunction(&mut diagrams, rule)?;
    let wanted = diagrams.or_else(wanted, found)?;
    let Some((call, _, answer)) = diagrams.witness(wanted, found) else { return Ok(None) };
    let call = Call { arch: space.architecture.audit(), number: rule.number, ..call };
    Ok(Some(describe(space, rule, &call, answer)))
}

fn describe(space: &Space, rule: &Rule, call: &Call, answer: Leaf) -> Broken {
    let found = if let Leaf::Answer(verdict) = answer { verdict } else { Verdict::KillProcess };
    let deciding = space.rules.iter().find(|rule| rule.matches(call));
    Broken {
        place: rule.origin.place,
        call: call.on(space.architecture),
        expected: rule.verdict.on(space.architecture),
        found: found.on(space.architecture),
        deciding: deciding.map(|rule| rule.origin.place),
    }
}
