//! Warnings about the actions that answer what no rule does: they may leave open what the rules close.

use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::engine::rules::Verdict;
use crate::policy::{Action, ActionKind, Flag, Placed, Policy};
use crate::resolve::Resolved;

/// Reports root keys that let through what the rest of the policy refuses, and actions that nobody will answer.
pub(super) fn check(policy: &Policy, resolved: &Resolved, problems: &mut Problems) {
    let Policy { default_action, foreign_architecture, newer_syscalls, groups, .. } = policy;
    if let Some(flags) = policy.flags.filter(|flags| !flags.contains(Flag::Tsync)) {
        problems.report(flags.place, LintProblem::SingleThread);
    }
    if let Some(place) = opens(default_action.as_ref()).filter(|(kind, _)| *kind == ActionKind::Log) {
        problems.report(place.1, LintProblem::LogDefault);
    }
    let actions = [default_action, foreign_architecture, newer_syscalls].into_iter().flatten();
    for Placed { value, place } in actions.chain(groups.iter().map(|group| &group.action)) {
        if *value == Action::UserNotif {
            problems.report(*place, LintProblem::NoSupervisor);
        }
    }
    let Some(native) = resolved.rules.abis.first() else { return };
    let refuses = |verdict: Verdict| !matches!(verdict, Verdict::Allow | Verdict::Log);
    let refuses_by_default = refuses(native.default);
    if let Some((kind, place)) = opens(foreign_architecture.as_ref())
        && (refuses_by_default || native.rules.iter().any(|rule| refuses(rule.verdict)))
        // Elsewhere no call is foreign.
        && native.architecture.compat().next().is_some()
    {
        problems.report(place, LintProblem::ForeignOpen { action: kind.name() });
    }
    if let Some((kind, place)) = opens(newer_syscalls.as_ref())
        && refuses_by_default
    {
        problems.report(place, LintProblem::NewerOpen { action: kind.name() });
    }
}

/// An action that executes the call, with its place.
fn opens(action: Option<&Placed<Action>>) -> Option<(ActionKind, Place)> {
    let Placed { value, place } = action?;
    matches!(value, Action::Allow | Action::Log).then(|| (value.kind(), *place))
}
