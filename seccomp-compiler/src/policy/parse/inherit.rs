//! What a policy has from the files that it includes: their rules after its own, and the root keys that it leaves out.

use crate::diagnose::document::{Conflict, DocumentProblem};
use crate::diagnose::problems::Problems;
use crate::kernel::architecture::Architecture;
use crate::policy::keys::{Key as _, Root};
use crate::policy::{Placed, Policy};

/// Adds to a policy what it has from these files.
pub(super) fn inherit(policy: &mut Policy, included: Vec<Policy>, including: &str, problems: &mut Problems) {
    let mut heir = Heir { included: &included, including, problems };
    heir.key(Root::DefaultAction, &mut policy.default_action, |included| &included.default_action);
    heir.key(Root::NewerSyscalls, &mut policy.newer_syscalls, |included| &included.newer_syscalls);
    heir.key(Root::ForeignArchitecture, &mut policy.foreign_architecture, |included| {
        &included.foreign_architecture
    });
    heir.key(Root::Compat, &mut policy.compat, |included| &included.compat);
    heir.key(Root::Flags, &mut policy.flags, |included| &included.flags);
    heir.key(Root::NoNewPrivs, &mut policy.no_new_privs, |included| &included.no_new_privs);
    heir.key(Root::Rust, &mut policy.rust, |included| &included.rust);
    heir.architectures(&mut policy.architectures);
    for included in included {
        policy.groups.extend(included.groups);
        policy.expectations.extend(included.expectations);
        policy.allowed_warnings.extend(included.allowed_warnings);
    }
}

/// The root keys of a policy alone.
pub(super) fn keys(policy: &Policy) -> Policy {
    let Policy { default_action, newer_syscalls, foreign_architecture, architectures, .. } = policy.clone();
    let Policy { compat, flags, no_new_privs, rust, .. } = *policy;
    Policy {
        default_action,
        newer_syscalls,
        foreign_architecture,
        architectures,
        compat,
        flags,
        no_new_privs,
        rust,
        ..Policy::default()
    }
}

struct Heir<'a> {
    included: &'a [Policy],
    including: &'a str,
    problems: &'a mut Problems,
}

impl Heir<'_> {
    /// The policy's own value of a key, or else that of the files. Those must agree.
    fn key<T: Clone + PartialEq>(
        &mut self,
        key: Root,
        own: &mut Option<Placed<T>>,
        theirs: impl Fn(&Policy) -> &Option<Placed<T>>,
    ) {
        if own.is_some() {
            return;
        }
        for theirs in self.included.iter().filter_map(|included| theirs(included).as_ref()) {
            match own {
                None => *own = Some(theirs.clone()),
                Some(first) if first == theirs => {}
                Some(first) => {
                    let (key, first, including) = (key.name(), first.place, self.including.to_owned());
                    let conflict = Conflict::Key { key, first, including };
                    self.problems.report(theirs.place, DocumentProblem::IncludeConflict { conflict });
                }
            }
        }
    }

    /// The architectures that all of the files are written for.
    fn architectures(&mut self, own: &mut Option<Vec<Placed<&'static Architecture>>>) {
        for theirs in self.included.iter().filter_map(|included| included.architectures.as_ref()) {
            let Some(listed) = own else {
                *own = Some(theirs.clone());
                continue;
            };
            let common = listed.iter().filter(|listed| theirs.contains(listed));
            let common: Vec<_> = common.copied().collect();
            match (theirs.first(), listed.first()) {
                (Some(theirs), Some(first)) if common.is_empty() => {
                    let conflict = Conflict::Architectures { first: first.place };
                    self.problems.report(theirs.place, DocumentProblem::IncludeConflict { conflict });
                }
                _ => *listed = common,
            }
        }
    }
}
