//! The keys of every mapping in a policy, as rows: the parser, the printer, messages and the JSON Schema read them here.

use super::rows::rows;

/// The keys of one kind of mapping.
pub(crate) trait Key: Copy + Eq + 'static {
    /// What a policy calls it.
    fn name(self) -> &'static str;
}

/// A row of a table of keys.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    name: &'static str,
    #[cfg_attr(not(feature = "schema"), expect(dead_code, reason = "only editors are told"))]
    takes: Takes,
    #[cfg_attr(not(feature = "schema"), expect(dead_code, reason = "only editors are told"))]
    sentence: &'static str,
}

const fn row(name: &'static str, takes: Takes, sentence: &'static str) -> Row {
    Row { name, takes, sentence }
}

/// The kind of value that a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Boolean,
    Action,
    Groups,
    Expectations,
    Paths,
    Architectures,
    Flags,
    Reasons,
    Names,
    Effects,
    Entries,
    Syscall,
    Conditions,
    Argument,
    Operation,
    Value,
    Width,
}

rows! {
    /// At the root.
    pub(crate) enum Root: Row {
        Enabled = row("enabled", Takes::Boolean, "Whether the filter is installed at all; true by default."),
        DefaultAction = row("default_action", Takes::Action, "The action for calls that no group matches."),
        Syscalls = row("syscalls", Takes::Groups, "The groups, tried in order; the first that matches a call decides."),
        Include = row("include", Takes::Paths, "Policies that this one builds on: its own rules and keys win. Paths are relative to it."),
        Architectures = row("architectures", Takes::Architectures, "The architectures the policy is written for; all by default."),
        Compat = row("compat", Takes::Boolean, "Whether the filter also covers the kernel's other ABIs; false by default."),
        ForeignArchitecture =
            row("foreign_architecture", Takes::Action, "The action for calls through ABIs that are not covered; kill_process by default."),
        NewerSyscalls =
            row("newer_syscalls", Takes::Action, "The action for calls newer than the compiler's table; default_action by default."),
        Flags = row("flags", Takes::Flags, "The kernel's filter flags; [tsync] by default."),
        NoNewPrivs =
            row("no_new_privs", Takes::Boolean, "Whether the installer sets no_new_privs first; true by default."),
        Rust = row("rust", Takes::Boolean, "Whether the program is written in Rust, which decides what to warn of; true by default."),
        Expect = row("expect", Takes::Expectations, "Properties you rely on, proved for every possible call."),
        AllowWarnings = row("allow_warnings", Takes::Reasons, "Warnings you have a reason to ignore."),
    }
}

rows! {
    /// In an item of `syscalls` or `expect`.
    pub(crate) enum Group: Row {
        Names = row("names", Takes::Names, "System calls and sets, whatever their arguments."),
        NamesWithArgs =
            row("names_with_args", Takes::Entries, "System calls with conditions on their arguments."),
        Effects = row("effects", Takes::Effects, "Effects that calls have, each with every route to it."),
        Action = row("action", Takes::Action, "The action for these calls."),
        Architectures = row("architectures", Takes::Architectures, "The architectures on which the group exists; all by default."),
        Optional =
            row("optional", Takes::Boolean, "Whether names the target lacks are left out; false by default."),
        Overrides =
            row("overrides", Takes::Boolean, "Whether it replaces what else is expected of these calls, here and in included files; false by default."),
    }
}

rows! {
    /// In an item of `names_with_args`.
    pub(crate) enum Entry: Row {
        Name = row("name", Takes::Syscall, "The system call."),
        Arguments = row("arguments", Takes::Conditions, "The conditions, all of which must hold."),
    }
}

rows! {
    /// In an item of `arguments`.
    pub(crate) enum Condition: Row {
        Argument = row("argument", Takes::Argument, "The argument, by name or by number from 0 to 5."),
        Position = row("position", Takes::Argument, "The argument; the name of this key in older Beats."),
        Operation = row("operation", Takes::Operation, "The comparison."),
        Value = row("value", Takes::Value, "What to compare with; 0 by default."),
        Mask = row("mask", Takes::Value, "The bits to compare; MaskedEqual only."),
        Width = row("width", Takes::Width, "How many bits to compare; as many as the kernel reads by default."),
    }
}

/// In an item of `allow_warnings`, beside the codes: the calls that the warnings are about.
pub(crate) const CALLS: &str = "calls";

impl Root {
    /// The keys of a file that is no whole policy, but part of one.
    pub(crate) const PART: &'static [Self] = &[Self::Syscalls, Self::Expect];
}

impl Group {
    /// The keys of an item of `syscalls`: all but `overrides`.
    pub(crate) const RULES: &'static [Self] = match Self::ALL {
        [rules @ .., Self::Overrides] => rules,
        all => all,
    };

    /// The keys of an item of `expect`.
    pub(crate) const EXPECTATION: &'static [Self] =
        &[Self::Names, Self::NamesWithArgs, Self::Effects, Self::Action, Self::Overrides];
}

macro_rules! keys {
    ($($keys:ident)*) => {
        $(impl Key for $keys {
            fn name(self) -> &'static str {
                self.row().name
            }
        }

        impl $keys {
            /// The kind of value that it takes.
            #[cfg(feature = "schema")]
            pub(crate) const fn takes(self) -> Takes {
                self.row().takes
            }

            /// The sentence that editors show.
            #[cfg(feature = "schema")]
            pub(crate) const fn sentence(self) -> &'static str {
                self.row().sentence
            }
        })*
    };
}

keys! { Root Group Entry Condition }
