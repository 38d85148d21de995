//! A change to a policy as a value, and why one was not made.

use core::fmt;

use crate::diagnose::diagnostic::Diagnostics;
use crate::policy::{Action, Entry, Group, Policy};

/// A change to a policy. Groups and entries are counted from 0, in the order of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edit {
    /// Adds an entry to a group. Entries without conditions come before those with conditions.
    AddCall {
        /// The group.
        group: usize,
        /// Where in the group.
        at: usize,
        /// The entry.
        entry: Entry,
    },
    /// Removes an entry from a group that has others.
    RemoveCall {
        /// The group.
        group: usize,
        /// Where in the group.
        at: usize,
    },
    /// Adds a group.
    AddGroup {
        /// Where.
        at: usize,
        /// The group.
        group: Group,
    },
    /// Removes a group.
    RemoveGroup {
        /// Where.
        at: usize,
    },
    /// Changes the action of a group.
    SetAction {
        /// The group.
        group: usize,
        /// The action.
        action: Action,
    },
    /// Changes the action for calls that no group matches.
    SetDefaultAction {
        /// The action.
        action: Action,
    },
}

/// Why a file was not edited.
#[derive(Debug)]
#[non_exhaustive]
pub enum Unchanged {
    /// The policy has no such group or entry.
    Missing,
    /// The group would have no calls left.
    LastCall,
    /// The file would have no groups left, nor any from files that it includes.
    LastGroup,
    /// The text is not what the change left behind, so it cannot be undone.
    Stale,
    /// The text is shared with other parts of the file, through an anchor, an alias or a merge key.
    Shared,
    /// The file is written in a way that the edit does not understand.
    Unusual,
    /// The edited policy would have problems.
    Invalid(Box<Diagnostics>),
}

impl Edit {
    /// Adds an entry to a group: in alphabetical order if the group is sorted, or else as the last of its kind.
    pub fn add_call(policy: &Policy, group: usize, entry: Entry) -> Self {
        let conditional = entry.conditions.is_some();
        let entries = policy.groups.get(group).map_or(&[][..], |group| &group.entries);
        let all = entries.iter().enumerate();
        let like: Vec<_> = all.filter(|(_, other)| other.conditions.is_some() == conditional).collect();
        let later = like.iter().find(|(_, other)| other.name.value > entry.name.value);
        let in_order = like.is_sorted_by_key(|(_, other)| &other.name.value);
        let end = like.last().map_or(if conditional { entries.len() } else { 0 }, |(last, _)| last + 1);
        let at = later.filter(|_| in_order).map_or(end, |(at, _)| *at);
        Self::AddCall { group, at, entry }
    }

    /// Applies the edit to a policy that has no file.
    ///
    /// # Errors
    ///
    /// There is no such group or entry, or nothing would be left. The policy is unchanged then.
    pub fn apply(&self, policy: &mut Policy) -> Result<(), Unchanged> {
        let groups = &mut policy.groups;
        match self {
            Self::AddCall { group, at, entry } => {
                let entries = &mut groups.get_mut(*group).ok_or(Unchanged::Missing)?.entries;
                entries
                    .splice(entries.get(*at..).map(|_| *at..*at).ok_or(Unchanged::Missing)?, [entry.clone()]);
            }
            Self::RemoveCall { group, at } => {
                let of = groups.get_mut(*group).ok_or(Unchanged::Missing)?;
                let (entries, has_others) = (&mut of.entries, !of.effects.is_empty());
                match entries.len() {
                    length if *at >= length => return Err(Unchanged::Missing),
                    1 if !has_others => return Err(Unchanged::LastCall),
                    _ => drop(entries.remove(*at)),
                }
            }
            Self::AddGroup { at, group } if *at <= groups.len() => groups.insert(*at, group.clone()),
            Self::RemoveGroup { at } if *at < groups.len() => {
                let is_optional = policy.default_action.is_none() && !policy.expectations.is_empty();
                if groups.len() == 1 && policy.include.is_empty() && !is_optional {
                    return Err(Unchanged::LastGroup);
                }
                groups.remove(*at);
            }
            Self::AddGroup { .. } | Self::RemoveGroup { .. } => return Err(Unchanged::Missing),
            Self::SetAction { group, action } => {
                groups.get_mut(*group).ok_or(Unchanged::Missing)?.action = action.clone().into();
            }
            Self::SetDefaultAction { action } => policy.default_action = Some(action.clone().into()),
        }
        Ok(())
    }
}

impl fmt::Display for Unchanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the policy has no such group or entry"),
            Self::LastCall => f.write_str("the group would have no calls left; remove the group"),
            Self::LastGroup => f.write_str("the file would have no groups left"),
            Self::Stale => f.write_str("the file has changed since, so the change cannot be undone"),
            Self::Shared => f.write_str(
                "the text is shared through an anchor, an alias or a merge key, so the change would reach other places too",
            ),
            Self::Unusual => f.write_str("the file is written in a way that cannot be edited here; change it by hand"),
            Self::Invalid(problems) => write!(f, "the edited policy would be wrong: {problems}"),
        }
    }
}

impl core::error::Error for Unchanged {}
