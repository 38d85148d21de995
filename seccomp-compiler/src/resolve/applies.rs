//! Where a policy and its groups apply.

use crate::diagnose::architectures::ArchitectureProblem;
use crate::diagnose::document::Part;
use crate::diagnose::problems::Problems;
use crate::document::source::{Place, Sources};
use crate::kernel::architecture::Architecture;
use crate::kernel::effects::Effect;
use crate::kernel::tables;
use crate::policy::{Group, Placed, Policy};
use crate::resolve::effects;

/// Whether the policy is for this architecture at all; reported if it is not.
pub(super) fn check_is_listed(
    policy: &Policy,
    native: &'static Architecture,
    problems: &mut Problems,
) -> bool {
    let Some(listed) = &policy.architectures else { return true };
    let is_listed = listed.iter().any(|listed| listed.value == native);
    if let (false, Some(first)) = (is_listed, listed.first()) {
        let listed = listed.iter().map(|listed| listed.value.name()).collect();
        problems.report(first.place, ArchitectureProblem::OtherArchitecture { architecture: native, listed });
    }
    is_listed
}

pub(super) fn check_some_group_applies(
    policy: &Policy,
    native: &'static Architecture,
    covered: &[&'static Architecture],
    problems: &mut Problems,
) {
    let left = policy.groups.iter().any(|group| {
        let is_empty = group.first_place().is_none() || !group.optional && applies(group, native);
        covered.iter().any(|covered| applies(group, covered) && (is_empty || has_one(group, covered)))
    });
    if !left && !policy.groups.is_empty() {
        let limits = policy.groups[0].architectures.as_ref().and_then(|listed| listed.first());
        let place = limits.map(|first| first.place).unwrap_or(Place::node(0));
        problems.report(place, ArchitectureProblem::NoGroupLeft { architecture: native });
    }
}

/// Whether an architecture has one of a group's calls.
fn has_one(group: &Group, architecture: &Architecture) -> bool {
    let has = |name: &str| match tables::set(name) {
        Some(members) => members.iter().any(|member| architecture.syscall_number(member).is_some()),
        // A name that does not exist has been reported.
        None => architecture.syscall_number(name).is_some() || tables::syscall(name).is_none(),
    };
    let reaches = |effect: &Placed<String>| match Effect::find(effect) {
        Some(effect) => !effects::ways(effect, architecture).is_empty(),
        None => true,
    };
    group.entries.iter().any(|entry| has(&entry.name.value)) || group.effects.iter().any(reaches)
}

/// Reports groups and expectations that apply to none of the policy's architectures. In an included file they may: it
/// can be for more architectures than the policy that includes it.
pub(crate) fn check_all_apply_somewhere(policy: &Policy, sources: &Sources, problems: &mut Problems) {
    let groups = policy.groups.iter().map(|group| (group, Part::Group));
    let expectations = policy.expectations.iter().map(|group| (group, Part::Expectation));
    for (group, part) in groups.chain(expectations) {
        let Some(place) = group.first_place() else { continue };
        let mut covered = listed(policy).flat_map(|native| policy.covered(native));
        let is_included = sources.file_of(place) != 0;
        if !is_included && !covered.any(|abi| applies(group, abi) && has_one(group, abi)) {
            problems.report(place, ArchitectureProblem::AppliesNowhere { part });
        }
    }
}

/// The architectures that a policy is for.
pub(super) fn listed(policy: &Policy) -> impl Iterator<Item = &'static Architecture> {
    Architecture::all().filter(|architecture| {
        let listed = policy.architectures.as_ref();
        listed.is_none_or(|listed| listed.iter().any(|listed| listed.value == *architecture))
    })
}

pub(crate) fn applies(group: &Group, architecture: &Architecture) -> bool {
    let listed = group.architectures.as_ref();
    listed.is_none_or(|listed| listed.iter().any(|listed| listed.value == architecture))
}
