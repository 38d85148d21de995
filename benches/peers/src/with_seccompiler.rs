//! `seccompiler`, through its Rust interface. It has one action for all entries; others are left out.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

use crate::{Action, Condition, Policy};

pub fn program(policy: &Policy<'_>, architecture: TargetArch) -> Option<BpfProgram> {
    let matched = policy.entries.first()?.action;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for entry in policy.entries.iter().filter(|entry| entry.action == matched) {
        let of_number = rules.entry(entry.number.into()).or_default();
        if !entry.conditions.is_empty() {
            let conditions: Option<Vec<_>> = entry.conditions.iter().map(condition).collect();
            of_number.push(SeccompRule::new(conditions?).ok()?);
        }
    }
    let filter = SeccompFilter::new(rules, action(policy.default), action(matched), architecture).ok()?;
    filter.try_into().ok()
}

fn condition(condition: &Condition) -> Option<SeccompCondition> {
    let Condition { argument, mask, at_least, value, expected } = *condition;
    let whole = mask == u64::MAX || mask == u64::from(u32::MAX);
    let operator = match (at_least, expected) {
        (true, true) => SeccompCmpOp::Ge,
        (true, false) => SeccompCmpOp::Lt,
        (false, true) if whole => SeccompCmpOp::Eq,
        (false, false) if whole => SeccompCmpOp::Ne,
        (false, true) => SeccompCmpOp::MaskedEq(mask),
        (false, false) => return None,
    };
    let length = if mask >> 32 == 0 { SeccompCmpArgLen::Dword } else { SeccompCmpArgLen::Qword };
    SeccompCondition::new(argument, length, operator, value).ok()
}

/// Whether it has such an action.
pub fn has(action: Action) -> bool {
    action != Action::Notify
}

fn action(action: Action) -> SeccompAction {
    match action {
        Action::Allow => SeccompAction::Allow,
        Action::Log => SeccompAction::Log,
        Action::Trace(data) => SeccompAction::Trace(data.into()),
        Action::Errno(errno) => SeccompAction::Errno(errno.into()),
        Action::Trap => SeccompAction::Trap,
        Action::KillThread => SeccompAction::KillThread,
        Action::KillProcess | Action::Notify => SeccompAction::KillProcess,
    }
}
