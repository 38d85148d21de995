//! The keys at the root of a policy.

use super::fields::Fields;
use super::lists::{allowed_warnings, architectures, flags, is_empty, items};
use super::scalar::{boolean, string};
use super::{action, group, root};
use crate::diagnose::document::{DocumentProblem, List};
use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};
use crate::policy::keys::Root;
use crate::policy::{Group, Placed, Policy};

/// What a file is for, which decides which keys it may and must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Policy,
    /// A whole policy, or groups and expectations alone.
    Included,
    /// One of the two.
    Unknown,
}

/// The policy in one file; `None` where it is not a mapping.
pub(super) fn policy(document: &Node, role: Role, problems: &mut Problems) -> Option<Policy> {
    let fields = root::root(document, problems)?;
    check_required(&fields, role, problems);
    let mut policy = Policy::default();
    for (key, node) in fields.iter() {
        let place = fields.place(key);
        match key {
            Root::Enabled if role == Role::Included => {
                problems.report(place, DocumentProblem::KeyInInclude);
            }
            key => set(&mut policy, key, node, place, problems),
        }
    }
    Some(policy)
}

/// Reports keys that a file of this role must have and lacks.
fn check_required(fields: &Fields<'_, Root>, role: Role, problems: &mut Problems) {
    let is_part = role != Role::Policy && fields.iter().all(|(key, _)| Root::PART.contains(&key));
    let has = |key| fields.optional(key).is_some();
    let is_off = fields.optional(Root::Enabled).is_some_and(|node| matches!(node.value, Value::Bool(false)));
    let is_only_off = is_off && ![Root::DefaultAction, Root::Syscalls, Root::Include].into_iter().any(has);
    // What the included files bring is known later.
    if has(Root::Include) || is_only_off {
        return;
    }
    if !is_part {
        fields.required(Root::DefaultAction, problems);
    }
    if !(is_part && has(Root::Expect)) {
        fields.required(Root::Syscalls, problems);
    }
}

fn set(policy: &mut Policy, key: Root, node: &Node, place: Place, problems: &mut Problems) {
    match key {
        Root::Enabled => {
            policy.enabled = boolean(node, problems).unwrap_or(true);
            if !policy.enabled {
                problems.report(node.place(), LintProblem::NotEnabled);
            }
        }
        Root::DefaultAction => policy.default_action = action::parse(node, problems),
        Root::Syscalls => policy.groups = groups(node, place, problems),
        Root::Include => {
            let paths = items(node, "files", problems);
            policy.include =
                paths.iter().filter_map(|node| string(node, "the path of a file", problems)).collect();
        }
        Root::Architectures => policy.architectures = Some(architectures(node, problems)),
        Root::Compat => policy.compat = placed(node, problems),
        Root::ForeignArchitecture => policy.foreign_architecture = action::parse(node, problems),
        Root::NewerSyscalls => policy.newer_syscalls = action::parse(node, problems),
        Root::Flags => policy.flags = Some(flags(node, problems)),
        Root::NoNewPrivs => policy.no_new_privs = placed(node, problems),
        Root::Rust => policy.rust = placed(node, problems),
        Root::Expect => {
            let expected = items(node, "expectations", problems);
            policy.expectations = expected.iter().map(|node| group::expectation(node, problems)).collect();
        }
        Root::AllowWarnings => policy.allowed_warnings = allowed_warnings(node, problems),
    }
}

fn placed(node: &Node, problems: &mut Problems) -> Option<Placed<bool>> {
    boolean(node, problems).map(|value| Placed { value, place: node.place() })
}

fn groups(node: &Node, key: Place, problems: &mut Problems) -> Vec<Group> {
    if is_empty(node) {
        problems.report(key, DocumentProblem::EmptyList { list: List::Syscalls });
    }
    items(node, "groups", problems).iter().map(|node| group::group(node, problems)).collect()
}
