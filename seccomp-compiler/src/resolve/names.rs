//! Whether the names in a policy exist on any architecture. This is asked once, before the policy is resolved for one,
//! so that a policy is also told about bad names where it does not apply, and on targets without filters.

use super::arguments;
use crate::diagnose::names::NameProblem;
use crate::diagnose::problems::Problems;
use crate::kernel::architecture::Architecture;
use crate::kernel::effects::Effect;
use crate::kernel::tables;
use crate::policy::{Action, Argument, Entry, Errno, Placed, Policy, Term};

/// Reports each name that no architecture has. What is suggested instead is what the target has, if there is one.
pub(crate) fn check(policy: &Policy, target: Option<&'static Architecture>, problems: &mut Problems) {
    let fallbacks = [&policy.default_action, &policy.newer_syscalls, &policy.foreign_architecture];
    for action in fallbacks.into_iter().flatten() {
        check_action(action, problems);
    }
    for group in policy.groups.iter().chain(&policy.expectations) {
        check_action(&group.action, problems);
        for effect in &group.effects {
            if Effect::find(effect).is_none() {
                problems.report(effect.place, NameProblem::UnknownEffect { name: effect.value.clone() });
            }
        }
        for entry in &group.entries {
            check_entry(entry, target, problems);
        }
    }
    for call in policy.allowed_warnings.iter().flat_map(|allowed| allowed.calls.iter().flatten()) {
        check_call(call, target, problems);
    }
}

fn check_action(action: &Placed<Action>, problems: &mut Problems) {
    if let Action::Errno(Errno::Name(name)) = &action.value
        && tables::errno(name).is_none()
    {
        problems.report(action.place, NameProblem::UnknownErrno { name: name.clone() });
    }
}

fn check_call(call: &Placed<String>, target: Option<&'static Architecture>, problems: &mut Problems) {
    if tables::syscall(call).is_none() {
        problems.report(call.place, NameProblem::UnknownSyscall { name: call.value.clone(), target });
    }
}

fn check_entry(entry: &Entry, target: Option<&'static Architecture>, problems: &mut Problems) {
    let Placed { value: name, place } = &entry.name;
    let syscall = tables::syscall(name);
    if entry.is_set() {
        if tables::set(name).is_none() {
            problems.report(*place, NameProblem::UnknownSet { name: name.clone() });
        }
    } else {
        check_call(&entry.name, target, problems);
    }
    for condition in entry.conditions.iter().flatten() {
        let Placed { value: argument, place } = &condition.argument;
        if let (Some(syscall), Argument::Name(name)) = (syscall, argument)
            && !arguments::exists(syscall, name)
        {
            let (name, known) = (name.clone(), arguments::known(syscall));
            problems.report(*place, NameProblem::UnknownArgument { syscall: syscall.name, name, known });
        }
        for value in [&condition.value, &condition.mask].into_iter().flatten() {
            for term in &value.value.terms {
                if let Term::Constant(name) = term
                    && tables::constant(name).is_none()
                {
                    problems.report(value.place, NameProblem::UnknownConstant { name: name.clone() });
                }
            }
        }
    }
}
