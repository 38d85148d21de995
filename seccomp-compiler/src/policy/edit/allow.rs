//! Edits that make a policy allow a call.

use super::edits::Edit;
use crate::kernel::architecture::Architecture;
use crate::policy::{Action, Entry, Group, Policy};

/// The changes that may make a policy allow a call on an architecture whatever its arguments, the smallest first. Each is
/// a list of edits to be made one after the other; whether the policy then allows the call is to be asked of the compiler.
pub fn ways_to_allow(policy: &Policy, name: &str, architecture: &'static Architecture) -> Vec<Vec<Edit>> {
    let applies = |group: &Group| {
        group.architectures.as_ref().is_none_or(|list| list.iter().any(|listed| listed.value == architecture))
    };
    let without = without(policy, name, applies);
    let mut left = policy.clone();
    let is_sound = without.iter().all(|edit| edit.apply(&mut left).is_ok());
    let with_name = |policy: &Policy| {
        let allows = |group: &Group| {
            applies(group) && *group.action == Action::Allow && group.entries_of(false).next().is_some()
        };
        let group = policy.groups.iter().rposition(allows)?;
        Some(vec![Edit::add_call(policy, group, Entry::new(name))])
    };
    let both = with_name(&left).map(|name| [without.clone(), name].concat());
    let first = Edit::AddGroup { at: 0, group: Group::new(Action::Allow).names([name]) };
    let ways = [Some(without).filter(|edits| !edits.is_empty()), both, with_name(policy), Some(vec![first])];
    // What removes nothing is no way of its own.
    let skipped = if is_sound { 0 } else { 2 };
    ways.into_iter().skip(skipped).flatten().collect()
}

/// The edits that remove every mention of the call, up to the first group that decides it unconditionally; the last place first, so that
/// the others stay.
fn without(policy: &Policy, name: &str, applies: impl Fn(&Group) -> bool) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (group, of) in policy.groups.iter().enumerate().filter(|(_, group)| applies(group)) {
        let named: Vec<usize> =
            (0..of.entries.len()).filter(|at| of.entries[*at].name.value == name).collect();
        if named.len() == of.entries.len() && of.effects.is_empty() && !named.is_empty() {
            edits.insert(0, Edit::RemoveGroup { at: group });
        } else {
            edits.splice(0..0, named.iter().rev().map(|at| Edit::RemoveCall { group, at: *at }));
        }
        if named.iter().any(|at| of.entries[*at].conditions.is_none()) {
            break;
        }
    }
    edits
}
