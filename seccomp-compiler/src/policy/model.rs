//! A policy file as a value: names are still names, and each part knows its place in the file.

use super::value::EPERM;
use super::{Argument, Errno, Flags, Operation, Placed, Value};
use crate::diagnose::code::Code;
use crate::document::source::Place;
use crate::kernel::action::{self, Promise};
use crate::kernel::architecture::{Architecture, Width};

/// A policy as one file has it, with the paths of the files that it includes.
///
/// Where it leaves out a key that it inherits from the files that it includes, the field is `None`. Two policies are
/// equal where they say the same, whatever their places and comments.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// `enabled`: whether the filter is installed at all.
    pub enabled: bool,
    /// `default_action`.
    pub default_action: Option<Placed<Action>>,
    /// `syscalls`, in file order: the first group that matches a call decides.
    pub groups: Vec<Group>,
    /// `include`: the paths of files whose groups and expectations follow, as they are written.
    pub include: Vec<Placed<String>>,
    /// `architectures`: what the policy is meant for; `None` for all.
    pub architectures: Option<Vec<Placed<&'static Architecture>>>,
    /// `foreign_architecture`: the action for calls of ABIs that the filter does not cover; by default they kill the process.
    pub foreign_architecture: Option<Placed<Action>>,
    /// `newer_syscalls`: the action for numbers from the table's end on; by default the default action.
    pub newer_syscalls: Option<Placed<Action>>,
    /// `compat`: whether the other ABIs of the target's kernel are covered as well; by default not.
    pub compat: Option<Placed<bool>>,
    /// `expect`: what the author relies on. An expectation has no `architectures`, and is `optional`.
    pub expectations: Vec<Group>,
    /// `allow_warnings`: those that the author gives a reason for.
    pub allowed_warnings: Vec<AllowedWarning>,
    /// `flags`: the kernel's filter flags.
    pub flags: Option<Placed<Flags>>,
    /// `no_new_privs`: whether the installer sets it first; by default it does.
    pub no_new_privs: Option<Placed<bool>>,
    /// `rust`: whether the program is written in Rust, which decides what to warn of; by default it is.
    pub rust: Option<Placed<bool>>,
}

/// A group of `syscalls`: calls that share an action. In `expect`: calls that must be answered with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Group {
    /// `action`.
    pub action: Placed<Action>,
    /// `architectures`: where the group exists; `None` for everywhere.
    pub architectures: Option<Vec<Placed<&'static Architecture>>>,
    /// `optional`: names that the target lacks are left out. Expectations always are.
    pub optional: bool,
    /// In `expect`: `refused` or `allowed`, which then counts in place of the action.
    pub promise: Option<Promise>,
    /// `overrides`, in `expect`: it counts in place of what else is expected of the same calls, here and in included files.
    pub overrides: bool,
    /// `effects`: what calls do, each by every route to it.
    pub effects: Vec<Placed<String>>,
    /// `names` and `names_with_args`. The order between the two does not count.
    pub entries: Vec<Entry>,
    /// Lines to print above the group. Reading a file leaves it empty, and it does not count in comparisons.
    pub comment: String,
}

/// One system call of a group.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry {
    /// The call's name, or that of a set, which begins with `@`.
    pub name: Placed<String>,
    /// Conditions on its arguments, which must all hold; `None` for a name of `names`, which always matches.
    pub conditions: Option<Vec<Condition>>,
    /// Lines to print above the entry. Reading a file leaves it empty, and it does not count in comparisons.
    pub comment: String,
}

/// One condition on one argument.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Condition {
    /// `argument`.
    pub argument: Placed<Argument>,
    /// `operation`.
    pub operation: Placed<Operation>,
    /// `value`; `None` where it is left out, which means 0.
    pub value: Option<Placed<Value>>,
    /// `mask`, of `MaskedEqual` alone.
    pub mask: Option<Placed<Value>>,
    /// `width`, where the author overrides the kernel's own.
    pub width: Option<Placed<Width>>,
}

/// What is to happen to a call.
pub type Action = action::Action<Errno>;

/// A warning that the author gives a reason for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllowedWarning {
    /// Which one.
    pub code: Placed<Code>,
    /// Why it may stay.
    pub reason: String,
    /// `calls`: it may stay if it is about no others; `None` for whatever it is about.
    pub calls: Option<Vec<Placed<String>>>,
}

/// Where a policy says what happens to calls that no rule matches; `None` where it leaves the key out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fallbacks {
    /// `default_action`.
    pub default_action: Option<Place>,
    /// `newer_syscalls`.
    pub newer_syscalls: Option<Place>,
    /// `foreign_architecture`.
    pub foreign_architecture: Option<Place>,
}

impl Policy {
    /// A policy without groups that answers every call with this action.
    pub fn new(default_action: Action) -> Self {
        Self { default_action: Some(default_action.into()), ..Self::default() }
    }

    /// Whether it is `enabled: false` without rules: a whole policy that installs nothing.
    pub(crate) fn is_only_off(&self) -> bool {
        !self.enabled && self.default_action.is_none() && self.groups.is_empty() && self.include.is_empty()
    }

    pub(crate) fn has_compat(&self) -> bool {
        self.compat.is_some_and(|compat| compat.value)
    }

    pub(crate) fn is_for_rust(&self) -> bool {
        self.rust.is_none_or(|rust| rust.value)
    }

    /// The ABIs that a filter for `native` covers, `native` first.
    pub(crate) fn covered(&self, native: &'static Architecture) -> Vec<&'static Architecture> {
        let compat = native.compat().filter(|_| self.has_compat());
        core::iter::once(native).chain(compat).collect()
    }

    pub(crate) fn fallbacks(&self) -> Fallbacks {
        let place = |action: &Option<Placed<Action>>| action.as_ref().map(|action| action.place);
        Fallbacks {
            default_action: place(&self.default_action),
            newer_syscalls: place(&self.newer_syscalls),
            foreign_architecture: place(&self.foreign_architecture),
        }
    }

    /// Whether any action of it is `trap`.
    pub(crate) fn traps(&self) -> bool {
        let fallbacks = [&self.default_action, &self.newer_syscalls, &self.foreign_architecture];
        let groups = self.groups.iter().map(|group| &group.action);
        let mut actions = fallbacks.into_iter().flatten().chain(groups);
        actions.any(|action| matches!(action.value, Action::Trap(_)))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            enabled: true,
            default_action: None,
            groups: Vec::new(),
            include: Vec::new(),
            architectures: None,
            foreign_architecture: None,
            newer_syscalls: None,
            compat: None,
            expectations: Vec::new(),
            allowed_warnings: Vec::new(),
            flags: None,
            no_new_privs: None,
            rust: None,
        }
    }
}

impl Group {
    /// A group with this action, everywhere and without calls.
    pub fn new(action: Action) -> Self {
        let action = action.into();
        Self {
            action,
            architectures: None,
            optional: false,
            promise: None,
            overrides: false,
            effects: Vec::new(),
            entries: Vec::new(),
            comment: String::new(),
        }
    }

    /// An item of `expect` with this action, without calls.
    pub fn expectation(action: Action) -> Self {
        Self { optional: true, ..Self::new(action) }
    }

    /// An item of `expect` with this promise, without calls.
    pub fn promise(promise: Promise) -> Self {
        Self { promise: Some(promise), ..Self::expectation(promise.as_action()) }
    }

    /// The group with every route to these effects.
    pub fn effects<'a>(mut self, effects: impl IntoIterator<Item = &'a str>) -> Self {
        self.effects.extend(effects.into_iter().map(|effect| effect.to_owned().into()));
        self
    }

    /// The group with these calls or sets, whatever their arguments.
    pub fn names<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.entries.extend(names.into_iter().map(Entry::new));
        self
    }

    /// The group with a call under conditions that must all hold.
    pub fn name_with_args(mut self, name: &str, conditions: impl IntoIterator<Item = Condition>) -> Self {
        let conditions = Some(conditions.into_iter().collect());
        self.entries.push(Entry { conditions, ..Entry::new(name) });
        self
    }

    /// Where the first of its calls or effects is.
    pub(crate) fn first_place(&self) -> Option<Place> {
        let effect = self.effects.first().map(|effect| effect.place);
        self.entries.first().map(|entry| entry.name.place).or(effect)
    }

    /// The entries with or without conditions.
    pub(crate) fn entries_of(&self, conditional: bool) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.conditions.is_some() == conditional)
    }
}

impl PartialEq for Group {
    fn eq(&self, other: &Self) -> bool {
        let Self { action, architectures, optional, promise, overrides, effects, entries: _, comment: _ } =
            self;
        let same = |conditional| self.entries_of(conditional).eq(other.entries_of(conditional));
        *action == other.action
            && *architectures == other.architectures
            && *optional == other.optional
            && *promise == other.promise
            && *overrides == other.overrides
            && *effects == other.effects
            && same(false)
            && same(true)
    }
}

impl Eq for Group {}

impl Entry {
    /// A call or a set, whatever its arguments.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned().into(), conditions: None, comment: String::new() }
    }

    /// Whether it names a set.
    pub(crate) fn is_set(&self) -> bool {
        self.name.value.as_bytes().first() == Some(&b'@')
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        let Self { name, conditions, comment: _ } = self;
        *name == other.name && *conditions == other.conditions
    }
}

impl Eq for Entry {}

impl Condition {
    /// A condition that compares all bits of the argument that the kernel reads.
    pub fn new(argument: impl Into<Argument>, operation: Operation, value: impl Into<Value>) -> Self {
        let (argument, value): (Argument, Value) = (argument.into(), value.into());
        Self {
            argument: argument.into(),
            operation: operation.into(),
            value: Some(value.into()),
            mask: None,
            width: None,
        }
    }

    /// A condition that compares the bits of `mask`.
    pub fn masked(argument: impl Into<Argument>, mask: impl Into<Value>, value: impl Into<Value>) -> Self {
        let mask: Value = mask.into();
        Self { mask: Some(mask.into()), ..Self::new(argument, Operation::MaskedEqual, value) }
    }
}

impl AllowedWarning {
    /// This warning, with why it may stay.
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code: code.into(), reason: reason.into(), calls: None }
    }

    /// Only if it is about these calls.
    #[must_use]
    pub fn about<'a>(self, calls: impl IntoIterator<Item = &'a str>) -> Self {
        let calls = calls.into_iter().map(|call| call.to_owned().into());
        Self { calls: Some(calls.collect()), ..self }
    }
}

impl Promise {
    /// An action that keeps it.
    pub(crate) const fn as_action(self) -> Action {
        match self {
            Self::Refused => Action::Errno(Errno::Number(EPERM)),
            Self::Allowed => Action::Allow,
        }
    }
}
