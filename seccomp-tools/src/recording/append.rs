//! A policy that its author goes on with: what it refuses of a recording is added to it.

use seccomp_compiler::policy::edit::{Edit, Editor};
use seccomp_compiler::policy::{Action, Entry, Group, Policy};
use seccomp_compiler::{Architecture, Compiled, Compiler, Diagnostics, SourceFile, Verdict};

use super::{Observation, Options, Recording};
use crate::advice::unified_diff;

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
    /// The names of the calls that it answers with ENOSYS by a rule, so that libraries make another.
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
    let mut missing = missing(recording, options, &compiled);
    let falling_back = |name: &&'static str| falls_back(&compiled, name);
    let (falling_back, wanted): (Vec<_>, Vec<_>) = missing.drain(..).partition(falling_back);
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
    let refused = self::missing(recording, options, &after);
    let refused: Vec<&str> = refused.into_iter().filter(|name| wanted.contains(name)).collect();
    let added = wanted.into_iter().filter(|name| !refused.contains(name)).collect();
    Ok(Appended { file: editor.file().clone(), added, refused, falling_back })
}

/// The names of recorded calls that a filter refuses with some recorded arguments.
fn missing(recording: &Recording, options: &Options, compiled: &Compiled) -> Vec<&'static str> {
    let mut missing: Vec<&str> = recording
        .observations()
        .filter(|seen| options.wants(seen.program()) && is_refused(seen, compiled))
        .filter_map(|seen| seen.architecture()?.syscall_name(seen.number()))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Whether a filter refuses a call with some of its values. A condition on an argument that is not kept counts as one that
/// may fail.
fn is_refused(seen: &Observation<'_>, compiled: &Compiled) -> bool {
    let Some(abi) = compiled.rules().abi(seen.audit(), seen.number()) else { return true };
    let (kept, rules) = (seen.kept(), abi.reachable(seen.number()));
    let allows = |verdict| matches!(verdict, Verdict::Allow | Verdict::Log);
    let is_kept = |rule: &&seccomp_compiler::Rule| {
        let mut conditions = rule.conditions.iter();
        conditions.all(|it| kept.get(usize::from(it.argument)).is_some_and(|kept| it.mask & !kept == 0))
    };
    if !rules.iter().all(is_kept) {
        let last = rules.last().filter(|rule| rule.conditions.is_empty()).map(|rule| rule.verdict);
        let otherwise = last.unwrap_or_else(|| abi.otherwise(seen.number()));
        return !allows(otherwise) || !rules.iter().all(|rule| allows(rule.verdict));
    }
    seen.seen().any(|each| !allows(compiled.rules().decide(&seen.call(each.arguments))))
}

fn falls_back(compiled: &Compiled, name: &str) -> bool {
    let architecture = compiled.architecture;
    let rule = || {
        let number = architecture.syscall_number(name)?;
        compiled.rules().abis.first()?.reachable(number).first().map(|rule| rule.verdict)
    };
    let enosys = architecture.errno("ENOSYS").map(Verdict::Errno);
    rule().is_some_and(|verdict| Some(verdict) == enosys)
}

/// A group without the entries that the policy has or allows already, and without what it answers with ENOSYS.
fn without_known(mut group: Group, compiled: &Compiled, policy: &Policy) -> Option<Group> {
    let has_rule = |name: &str| {
        let number = compiled.architecture.syscall_number(name);
        let native = compiled.rules().abis.first().zip(number);
        native.is_some_and(|(abi, number)| abi.of_number(number).next().is_some())
    };
    if group.action.value != Action::Allow {
        return (!group.entries.iter().any(|entry| has_rule(&entry.name.value))).then_some(group);
    }
    let is_known =
        |name: &str| is_allowed(compiled, compiled.architecture, name) || falls_back(compiled, name);
    let is_there = |entry: &Entry| {
        let is_alike =
            |known: &&Group| known.action == group.action && known.architectures == group.architectures;
        policy.groups.iter().filter(is_alike).flat_map(|group| &group.entries).any(|known| known == entry)
    };
    let entries = group.entries.iter().filter(|entry| !is_known(&entry.name.value) && !is_there(entry));
    let entries: Vec<Entry> = entries.cloned().collect();
    group.entries = entries;
    (!group.entries.is_empty()).then_some(group)
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

fn is_allowed(compiled: &Compiled, architecture: &Architecture, name: &str) -> bool {
    let Some(abi) = compiled.rules().abis.first() else { return false };
    let Some(number) = architecture.syscall_number(name) else { return false };
    let rules = abi.reachable(number);
    let is_exhaustive = rules.last().is_some_and(|rule| rule.conditions.is_empty());
    rules.iter().all(|rule| rule.verdict == Verdict::Allow)
        && (is_exhaustive || abi.otherwise(number) == Verdict::Allow)
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
        let missing = missing(recording, options, &compiled);
        Some(missing.into_iter().filter(|name| group.entries.iter().any(|it| it.name.value == *name)).count())
    };
    let inserted = |at: usize| {
        let mut edited = editor.clone();
        edited.apply(&Edit::AddGroup { at, group: group.clone() }).ok()?;
        let refused = refused(&edited)?;
        Some((refused, edited))
    };
    let last = inserted(editor.policy().groups.len());
    match last {
        Some((0, edited)) => Some(edited),
        last => {
            let first = inserted(0);
            let better = [first, last].into_iter().flatten().min_by_key(|(refused, _)| *refused);
            better.map(|(_, edited)| edited)
        }
    }
}
