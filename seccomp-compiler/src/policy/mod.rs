//! What the author wrote: a policy with names still names, each part with its place in the file.

pub(crate) mod parse;
#[cfg(feature = "schema")]
pub(crate) mod schema;

use crate::diagnose::code::Code;
use crate::document::source::Place;
use crate::kernel::architecture::{Architecture, Width};

/// A policy as it stands in its file.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    /// `enabled`: whether the filter is installed at all.
    pub(crate) enabled: bool,
    /// `default_action`; `None` only when its absence was reported.
    pub(crate) default_action: Option<Placed<Action>>,
    /// `syscalls`, in file order.
    pub(crate) groups: Vec<Group>,
    /// `architectures`: what the policy is meant for; `None` for all.
    pub(crate) architectures: Option<Vec<Placed<&'static Architecture>>>,
    /// `foreign_architecture`: the action for calls of ABIs that the filter does not cover.
    pub(crate) foreign_architecture: Option<Placed<Action>>,
    /// `newer_syscalls`: the action for numbers from the table's end on; `None` for the default action.
    pub(crate) newer_syscalls: Option<Placed<Action>>,
    /// `compat`: whether the other ABIs of the target's kernel are covered as well.
    pub(crate) compat: bool,
    /// `expect`: what the author relies on.
    pub(crate) expectations: Vec<Group>,
    /// `allow_warnings`: those that the author gives a reason for.
    pub(crate) allowed_warnings: Vec<Code>,
    /// `flags`: the kernel's filter flags.
    pub(crate) flags: Flags,
    /// `no_new_privs`: whether the installer sets it first.
    pub(crate) no_new_privs: bool,
    /// Where the policy itself is.
    pub(crate) place: Option<Place>,
}

impl Policy {
    /// The ABIs that a filter for `native` covers, `native` first.
    pub(crate) fn covered(&self, native: &'static Architecture) -> Vec<&'static Architecture> {
        let compat = native.compat().filter(|_| self.compat);
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
        let of_groups = self.groups.iter().map(|group| &group.action);
        let mut actions = fallbacks.into_iter().chain(of_groups).flatten();
        actions.any(|action| matches!(action.value, Action::Trap(_)))
    }
}

/// Something with its place in the file.
#[derive(Debug, Clone)]
pub(crate) struct Placed<T> {
    /// What stands there.
    pub(crate) value: T,
    /// Where.
    pub(crate) place: Place,
}

/// One group of `syscalls`, calls that share an action; or of `expect`, calls that must come to it.
#[derive(Debug)]
pub(crate) struct Group {
    /// `action`; `None` only when its absence was reported.
    pub(crate) action: Option<Placed<Action>>,
    /// `architectures`: where the group exists; `None` for everywhere.
    pub(crate) architectures: Option<Vec<Placed<&'static Architecture>>>,
    /// `optional`: names that the target lacks are left out.
    pub(crate) optional: bool,
    /// `names` and `names_with_args`.
    pub(crate) entries: Vec<Entry>,
}

/// One system call of a group.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The call's name.
    pub(crate) name: Placed<String>,
    /// Conditions on its arguments, which must all hold; `None` for a name of `names`, which always matches.
    pub(crate) conditions: Option<Vec<Condition>>,
}

impl Entry {
    /// Whether it stands for the calls of a set.
    pub(crate) fn is_set(&self) -> bool {
        self.name.value.as_bytes().first() == Some(&b'@')
    }
}

/// One condition on one argument.
#[derive(Debug)]
pub(crate) struct Condition {
    /// `argument`.
    pub(crate) argument: Placed<Argument>,
    /// `operation`.
    pub(crate) operation: Placed<Operation>,
    /// `value`; `None` where it is left out, which means 0.
    pub(crate) value: Option<Placed<Value>>,
    /// `mask`, of `MaskedEqual` alone.
    pub(crate) mask: Option<Placed<Value>>,
    /// `width`, where the author overrides the kernel's own.
    pub(crate) width: Option<Placed<Width>>,
}

/// Which argument a condition is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Argument {
    /// By its register, 0 to 5.
    Position(u8),
    /// By the name that the kernel or the manual page gives it.
    Name(String),
}

/// A value: terms joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    /// The terms, one or more.
    pub(crate) terms: Vec<Term>,
}

/// One term of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term {
    /// A number.
    Number(i128),
    /// A constant of the kernel's headers.
    Constant(String),
}

/// What is to happen to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// The call is made.
    Allow,
    /// The call is made and logged.
    Log,
    /// A tracer decides, and reads this value; without one the call fails with ENOSYS.
    Trace(u16),
    /// A supervisor decides; without one the call fails with ENOSYS.
    UserNotif,
    /// The call fails with this error.
    Errno(Errno),
    /// The thread gets SIGSYS with this `si_errno`.
    Trap(u16),
    /// The thread is killed.
    KillThread,
    /// The process is killed.
    KillProcess,
}

/// The error of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Errno {
    /// By number.
    Number(u16),
    /// By name: numbers differ between architectures.
    Name(String),
}

/// A comparison of the argument `a` with the value `v`, unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// a = v
    Equal,
    /// a ≠ v
    NotEqual,
    /// a > v
    GreaterThan,
    /// a < v
    LessThan,
    /// a ≥ v
    GreaterOrEqual,
    /// a ≤ v
    LessOrEqual,
    /// a & v ≠ 0
    BitsSet,
    /// a & v = 0
    BitsNotSet,
    /// a & mask = v
    MaskedEqual,
}

impl Operation {
    /// Every operation.
    pub(crate) const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::GreaterThan,
        Self::LessThan,
        Self::GreaterOrEqual,
        Self::LessOrEqual,
        Self::BitsSet,
        Self::BitsNotSet,
        Self::MaskedEqual,
    ];

    /// Its name in a policy, where letter case does not matter.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Equal => "Equal",
            Self::NotEqual => "NotEqual",
            Self::GreaterThan => "GreaterThan",
            Self::LessThan => "LessThan",
            Self::GreaterOrEqual => "GreaterOrEqual",
            Self::LessOrEqual => "LessOrEqual",
            Self::BitsSet => "BitsSet",
            Self::BitsNotSet => "BitsNotSet",
            Self::MaskedEqual => "MaskedEqual",
        }
    }
}

/// The filter flags of seccomp(2) that a policy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// `tsync`: the filter applies to every thread of the process.
    pub tsync: bool,
    /// `log`: refused calls are logged.
    pub log: bool,
    /// `spec_allow`: the mitigation against Speculative Store Bypass stays off.
    pub spec_allow: bool,
}

impl Flags {
    /// No flag.
    pub const NONE: Self = Self { tsync: false, log: false, spec_allow: false };

    /// The bits that the kernel takes: `SECCOMP_FILTER_FLAG_*` of `linux/seccomp.h`.
    pub const fn bits(self) -> u32 {
        (self.tsync as u32) | (self.log as u32) << 1 | (self.spec_allow as u32) << 2
    }
}

impl Default for Flags {
    fn default() -> Self {
        Self { tsync: true, ..Self::NONE }
    }
}

/// Where a policy says what happens to calls that no rule matches; `None` where it leaves the key out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallbacks {
    /// `default_action`.
    pub default_action: Option<Place>,
    /// `newer_syscalls`.
    pub newer_syscalls: Option<Place>,
    /// `foreign_architecture`.
    pub foreign_architecture: Option<Place>,
}
