//! Where rules come from: what the author wrote for each.

use crate::document::source::Place;
use crate::engine::rules::Origin;
use crate::kernel::effects::Route;

/// Where each rule of a policy comes from, by its [`Origin`].
#[derive(Debug, Clone, Default)]
pub struct Origins {
    sources: Vec<RuleSource>,
}

/// Where one rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleSource {
    /// The name of the call or of the set in the policy.
    pub place: Place,
    /// The set that the call is in, if the policy names one.
    pub set: Option<&'static str>,
    /// The route that the rule closes, if the policy names an effect.
    pub effect: Option<Route>,
    /// The call's name.
    pub name: &'static str,
    /// Its group, counted through all files.
    pub(crate) group: usize,
    /// Whether its conditions name constants.
    pub(crate) constants: bool,
}

/// What is said of a rule that no policy made.
const UNKNOWN: RuleSource = RuleSource {
    place: Place::POLICY,
    set: None,
    effect: None,
    name: "",
    group: usize::MAX,
    constants: false,
};

impl RuleSource {
    /// Whether the author named the call or a set that it is in; not one that has a rule for its number alone.
    pub(crate) fn is_written(&self) -> bool {
        self.effect.is_none() && self.group != usize::MAX
    }

    /// Whether the author named the call itself, neither a set that it is in nor an effect that it has.
    pub(crate) fn is_by_name(&self) -> bool {
        self.set.is_none() && self.effect.is_none()
    }
}

impl Origins {
    /// Where a rule comes from; the policy as a whole for one that is not of this policy.
    pub fn source(&self, origin: Origin) -> &RuleSource {
        self.sources.get(origin.0 as usize).unwrap_or(&UNKNOWN)
    }

    pub(crate) fn add(&mut self, source: RuleSource) -> Origin {
        self.sources.push(source);
        // There are fewer rules than that on all ABIs together.
        Origin(u32::try_from(self.sources.len() - 1).unwrap_or(u32::MAX))
    }
}
