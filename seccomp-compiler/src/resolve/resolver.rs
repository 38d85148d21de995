//! What resolving a policy on one ABI needs to know, and where it reports.

use std::collections::HashMap;

use super::origins::Origins;
use crate::diagnose::conditions::Elsewhere;
use crate::diagnose::problems::Problems;
use crate::kernel::architecture::Architecture;
use crate::policy::Policy;

/// Resolves a policy on one ABI.
pub(super) struct Resolver<'a> {
    pub(super) architecture: &'static Architecture,
    /// The ABIs that the filter covers, this one among them.
    pub(super) covered: &'a [&'static Architecture],
    /// Whether the policy is for the target at all.
    pub(super) is_listed: bool,
    pub(super) policy: &'a Policy,
    pub(super) origins: &'a mut Origins,
    pub(super) problems: &'a mut Problems,
    /// What each register of a call holds on another of the policy's architectures, once it was looked for.
    pub(super) elsewhere: HashMap<(&'static str, u8), Option<Elsewhere>>,
}
