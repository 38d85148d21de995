//! Adds what a policy refuses of a recording to the policy, and leaves the rest of its file to its author.

use seccomp_compiler::policy::edit::{Edit, Editor};
use seccomp_compiler::policy::{Action, Entry, Group, Policy};
use seccomp_compiler::{Call, Compiled, Compiler, Diagnostics, SourceFile};

use super::policy::members;
use super::{Observation, Options, Recording};
use crate::advice::{Answer, falls_back, is_allowed, unified_diff};

/// A policy with what a recording adds to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Appended {
    /// Its file.
    pub file: SourceFile,
    /// The names of the calls that it now allows and did not before.
    pub added: Vec<&'static str>,
    /// The names of the calls that it still refuses, as no edit was found that leaves the rest of the file alone.
    pub refused: Vec<&'static str>,
    /// The names of the calls that it refuses only by rules that answer ENOSYS, so that libraries make another.
    pub falling_back: Vec<&'static str>,
}

impl Appended {
    /// What changes, as a unified diff; empty if nothing does.
    pub fn patch(&self, old: &SourceFile) -> String {
        if self.file == *old { String::new() } else { unified_diff(old, &self.file) }
    }
}

/// Adds to a policy what it refuses of a recording, with the conditions and the comments of a policy that is
/// [written](Recording::policy) from it. Every other byte of the file stays. The compiler is for the architecture of the
/// recording.
///
/// # Errors
///
/// The problems of the policy as it is.
pub fn append(
    file: &SourceFile,
    recording: &Recording,
    options: &Options,
    compiler: Compiler<'_>,
) -> Result<Appended, Diagnostics> {
    let compiled = compiler.compile(file)?;
    let wanted = answered(Answer::Refused, recording, options, &compiled);
    let mut falling_back = answered(Answer::FallsBack, recording, options, &compiled);
    falling_back.retain(|name| !wanted.contains(name));
    let mut editor = Editor::open(file)?;
    if !wanted.is_empty() {
        let groups = recording.groups_for(options, &wanted);
        let unconditional =
            groups.iter().flat_map(|group| &group.entries).filter(|it| it.conditions.is_none());
        unconditional.for_each(|entry| without_conditions(&mut editor, &entry.name.value));
        for group in groups {
            let Some(group) = without_known(group, &compiled, editor.policy()) else { continue };
            if let Some(edited) = with(&editor, group, recording, options, compiler) {
                editor = edited;
            }
        }
    }
    let after = compiler.compile(editor.file())?;
    let mut refused = answered(Answer::Refused, recording, options, &after);
    refused.retain(|name| wanted.contains(name));
    let added = wanted.into_iter().filter(|name| !refused.contains(name)).collect();
    Ok(Appended { file: editor.file().clone(), added, refused, falling_back })
}

/// The worst that a recorded call gets with the arguments that were seen.
fn worst(seen: &Observation<'_>, compiled: &Compiled) -> Answer {
    let Some(abi) = compiled.rules().abi(seen.audit(), seen.number()) else { return Answer::Refused };
    let rules = abi.reachable(seen.number());
    if !rules.iter().all(|rule| seen.has_what_decides(rule)) {
        return Answer::worst(abi, seen.number());
    }
    let decider = |call: Call| rules.iter().copied().find(|rule| rule.matches(&call));
    let answers = seen.seen().map(|each| Answer::by(decider(seen.call(each.arguments)), abi, seen.number()));
    answers.max().unwrap_or(Answer::Allowed)
}

/// The names of recorded calls with this answer.
fn answered(
    answer: Answer,
    recording: &Recording,
    options: &Options,
    compiled: &Compiled,
) -> Vec<&'static str> {
    let mut names: Vec<&str> = recording
        .observations()
        .filter(|seen| options.wants(seen.program()) && worst(seen, compiled) == answer)
        .filter_map(|seen| seen.architecture()?.syscall_name(seen.number()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A group without the entries that the policy has or allows already, and without what it answers with ENOSYS.
fn without_known(mut group: Group, compiled: &Compiled, policy: &Policy) -> Option<Group> {
    let number = |name: &str| compiled.architecture.syscall_number(name);
    let has_rule = |name: &str| {
        let native = compiled.rules().abis.first().zip(number(name));
        native.is_some_and(|(abi, number)| abi.of_number(number).next().is_some())
    };
    if group.action.value != Action::Allow {
        return (!group.entries.iter().any(|entry| has_rule(&entry.name.value))).then_some(group);
    }
    let is_decided = |name: &str| {
        number(name).is_some_and(|number| is_allowed(compiled, number) || falls_back(compiled, number))
    };
    // The call may be one of other architectures.
    let is_known = |name: &str| match members(name) {
        [] => is_decided(name) || is_named(name, policy),
        calls => calls.iter().all(|call| is_decided(call) || is_named(call, policy)),
    };
    let is_alike =
        |known: &&Group| known.action == group.action && known.architectures == group.architectures;
    let alike: Vec<&Group> = policy.groups.iter().filter(is_alike).collect();
    let is_there = |entry: &Entry| alike.iter().any(|group| group.entries.contains(entry));
    group.entries.retain(|entry| !is_known(&entry.name.value) && !is_there(entry));
    (!group.entries.is_empty()).then_some(group)
}

/// Whether a policy allows a call everywhere, by its name or in a set, whatever its arguments.
fn is_named(name: &str, policy: &Policy) -> bool {
    let groups = policy.groups.iter();
    let everywhere = groups.filter(|it| it.action.value == Action::Allow && it.architectures.is_none());
    everywhere.flat_map(|group| &group.entries).any(|entry| {
        let own = entry.name.value.as_str();
        entry.conditions.is_none() && (own == name || members(own).contains(&name))
    })
}

/// Removes what allows a call under conditions, if there is such an entry: it is to be allowed without.
fn without_conditions(editor: &mut Editor, name: &str) {
    let mut edited = editor.clone();
    let mut is_conditional = false;
    for group in (0..editor.policy().groups.len()).rev() {
        let of = &editor.policy().groups[group];
        let named: Vec<usize> =
            (0..of.entries.len()).filter(|at| of.entries[*at].name.value == name).collect();
        if of.action.value != Action::Allow || named.is_empty() {
            continue;
        }
        is_conditional |= named.iter().any(|at| of.entries[*at].conditions.is_some());
        let is_whole = named.len() == of.entries.len() && of.effects.is_empty();
        let edits: Vec<Edit> = match is_whole {
            true => vec![Edit::RemoveGroup { at: group }],
            false => named.iter().rev().map(|at| Edit::RemoveCall { group, at: *at }).collect(),
        };
        if edits.iter().any(|edit| edited.apply(edit).is_err()) {
            return;
        }
    }
    if is_conditional {
        *editor = edited;
    }
}

/// The policy with a group more: at the end, or at the start if earlier groups refuse its calls.
fn with(
    editor: &Editor,
    group: Group,
    recording: &Recording,
    options: &Options,
    compiler: Compiler<'_>,
) -> Option<Editor> {
    let refused = |editor: &Editor| {
        let compiled = compiler.compile(editor.file()).ok()?;
        let refused = answered(Answer::Refused, recording, options, &compiled);
        Some(refused.into_iter().filter(|name| group.entries.iter().any(|it| it.name.value == *name)).count())
    };
    let inserted = |at: usize| {
        let mut edited = editor.clone();
        edited.apply(&Edit::AddGroup { at, group: group.clone() }).ok()?;
        let refused = refused(&edited)?;
        Some((refused, edited))
    };
    let last = inserted(editor.policy().groups.len());
    if last.as_ref().is_some_and(|(refused, _)| *refused == 0) {
        return last.map(|(_, edited)| edited);
    }
    let better = [inserted(0), last].into_iter().flatten().min_by_key(|(refused, _)| *refused);
    better.map(|(_, edited)| edited)
}
