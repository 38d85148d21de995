//! Policies as canonical text: [`Display`](fmt::Display) of [`Policy`] and of [`Action`].

pub(super) mod yaml;

use core::fmt;

use self::yaml::{Quotes, Yaml, entry, list, text};
use super::keys::{self, CALLS, Key, Root};
use super::{
    Action, ActionData, AllowedWarning, Argument, Condition, Entry, Errno, Flags, Group, Operation, Placed,
    Policy, Term, Value,
};
use crate::kernel::architecture::Architecture;
use crate::kernel::tables;

/// The policy as YAML that reads back as an equal policy. What the policy leaves out is left out, short lists are on one
/// line, and comments stand above their groups and entries. What no file can say, such as an expectation that is not
/// optional, is printed as well, and refused where it is read.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.yaml().block(0, Quotes::WhereNeeded))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().name())?;
        match self.data() {
            ActionData::None | ActionData::Number(0) => Ok(()),
            ActionData::Errno(errno) if *errno == Errno::default() => Ok(()),
            ActionData::Number(data) | ActionData::Errno(&Errno::Number(data)) => write!(f, "({data})"),
            ActionData::Errno(Errno::Name(name)) => write!(f, "({name})"),
        }
    }
}

/// The keys in the order of docs/policy.md, but for what is long, which is last.
const ORDER: [Root; Root::ALL.len()] = [
    Root::DefaultAction,
    Root::Enabled,
    Root::Architectures,
    Root::Compat,
    Root::ForeignArchitecture,
    Root::NewerSyscalls,
    Root::AllowWarnings,
    Root::Flags,
    Root::NoNewPrivs,
    Root::Rust,
    Root::Include,
    Root::Syscalls,
    Root::Expect,
];

impl Policy {
    fn yaml(&self) -> Yaml {
        let Self {
            enabled,
            default_action,
            groups,
            include,
            architectures,
            foreign_architecture,
            newer_syscalls,
            compat,
            expectations,
            allowed_warnings,
            flags,
            no_new_privs,
            rust,
        } = self;
        let action =
            |action: &Option<Placed<Action>>| action.as_deref().map(|action| text(action.to_string()));
        let plain = |value: bool| Yaml::Plain(value.to_string());
        let boolean = |value: &Option<Placed<bool>>| value.as_deref().copied().map(plain);
        let some = |items: Vec<Yaml>| (!items.is_empty()).then(|| list(items));
        Yaml::Block(entries(&ORDER, |key| match key {
            Root::DefaultAction => action(default_action),
            Root::Enabled => (!*enabled).then(|| plain(false)),
            Root::Architectures => architectures.as_deref().map(names),
            Root::Compat => boolean(compat),
            Root::ForeignArchitecture => action(foreign_architecture),
            Root::NewerSyscalls => action(newer_syscalls),
            Root::AllowWarnings => some(allowed_warnings.iter().map(AllowedWarning::yaml).collect()),
            Root::Flags => flags.as_deref().map(|flags| flag_names(*flags)),
            Root::NoNewPrivs => boolean(no_new_privs),
            Root::Rust => boolean(rust),
            Root::Include => some(include.iter().map(|path| text(&path.value)).collect()),
            Root::Syscalls => group_list(groups, false),
            Root::Expect => group_list(expectations, true),
        }))
    }
}

/// The keys that have a value, in this order. Every key is in an exhaustive match and every field of the model in an
/// exhaustive pattern, so that a new one is not left out of what is printed.
fn entries<K: Key>(order: &[K], value: impl Fn(K) -> Option<Yaml>) -> Vec<(String, Yaml)> {
    order.iter().filter_map(|&key| Some(entry(key.name(), value(key)?))).collect()
}

impl AllowedWarning {
    fn yaml(&self) -> Yaml {
        let Self { code, reason, calls } = self;
        let calls =
            calls.as_ref().map(|calls| entry(CALLS, list(calls.iter().map(|call| text(&call.value)))));
        let reason = entry(code.value.name(), text(reason));
        Yaml::Map(core::iter::once(reason).chain(calls).collect())
    }
}

fn flag_names(flags: Flags) -> Yaml {
    list(flags.iter().map(|flag| text(flag.name())))
}

fn names(architectures: &[Placed<&'static Architecture>]) -> Yaml {
    list(architectures.iter().map(|architecture| text(architecture.name())))
}

fn group_list(groups: &[Group], are_expectations: bool) -> Option<Yaml> {
    let items = groups.iter().map(|group| (group.comment.clone(), group.yaml(are_expectations)));
    (!groups.is_empty()).then(|| Yaml::List(items.collect()))
}

impl Group {
    pub(super) fn yaml(&self, is_expectation: bool) -> Yaml {
        // The entries are in two lists; comments are printed by the list that the group is in.
        let Self { action, architectures, optional, promise, overrides, effects, entries: _, comment: _ } =
            self;
        let action = promise.map_or_else(|| action.to_string(), |promise| promise.name().to_owned());
        let list_of = |conditional| {
            let items = self.entries_of(conditional).map(|entry| (entry.comment.clone(), entry.yaml()));
            Some(items.collect::<Vec<_>>()).filter(|items| !items.is_empty()).map(Yaml::List)
        };
        const ORDER: [keys::Group; keys::Group::ALL.len()] = [
            keys::Group::Action,
            keys::Group::Architectures,
            keys::Group::Optional,
            keys::Group::Overrides,
            keys::Group::Effects,
            keys::Group::Names,
            keys::Group::NamesWithArgs,
        ];
        Yaml::Block(entries(&ORDER, |key| match key {
            keys::Group::Action => Some(text(&action)),
            keys::Group::Architectures => architectures.as_deref().map(names),
            // An expectation always is, and a file cannot say otherwise.
            keys::Group::Optional => (*optional != is_expectation).then(|| Yaml::Plain(optional.to_string())),
            keys::Group::Overrides => overrides.then(|| Yaml::Plain(true.to_string())),
            keys::Group::Effects => {
                (!effects.is_empty()).then(|| list(effects.iter().map(|effect| text(&effect.value))))
            }
            keys::Group::Names => list_of(false),
            keys::Group::NamesWithArgs => list_of(true),
        }))
    }
}

impl Entry {
    pub(super) fn yaml(&self) -> Yaml {
        // The comment is printed by the list that the entry is in.
        let Self { name, conditions, comment: _ } = self;
        let (call, name) = (&name.value, text(&name.value));
        let Some(conditions) = conditions else { return name };
        Yaml::Block(entries(keys::Entry::ALL, |key| match key {
            keys::Entry::Name => Some(name.clone()),
            keys::Entry::Arguments => Some(list(conditions.iter().map(|condition| {
                let argument = &condition.argument.value;
                condition.yaml(matches!(argument, Argument::Name(argument) if is_mode(call, argument)))
            }))),
        }))
    }
}

/// Whether an argument is the mode of a file, on an architecture that has the call.
fn is_mode(syscall: &str, argument: &str) -> bool {
    let tables = Architecture::all().map(|architecture| architecture.table);
    let signature = tables::syscall(syscall)
        .and_then(|call| tables.filter_map(|table| call.signature(table)).next())
        .unwrap_or_default();
    signature.iter().any(|it| it.name == argument && it.is_mode())
}

impl Condition {
    fn yaml(&self, is_mode: bool) -> Yaml {
        let Self { argument, operation, value, mask, width } = self;
        let argument = match &argument.value {
            Argument::Position(position) => Yaml::Plain(position.to_string()),
            Argument::Name(name) => text(name),
        };
        let value_of =
            |value: &Option<Placed<Value>>| value.as_deref().map(|value| value.yaml(**operation, is_mode));
        const ORDER: [keys::Condition; keys::Condition::ALL.len()] = [
            keys::Condition::Argument,
            keys::Condition::Position,
            keys::Condition::Operation,
            keys::Condition::Mask,
            keys::Condition::Value,
            keys::Condition::Width,
        ];
        Yaml::Map(entries(&ORDER, |key| match key {
            keys::Condition::Argument => Some(argument.clone()),
            // The older name of `argument`.
            keys::Condition::Position => None,
            keys::Condition::Operation => Some(text(operation.name())),
            keys::Condition::Mask => value_of(mask),
            keys::Condition::Value => value_of(value),
            keys::Condition::Width => width.as_deref().map(|width| Yaml::Plain(width.to_string())),
        }))
    }
}

impl Value {
    /// Numbers are decimal, except modes, which are octal, and others that are compared bitwise, which are hex from 10 up.
    fn yaml(&self, operation: Operation, is_mode: bool) -> Yaml {
        let in_bits = match operation {
            Operation::BitsSet | Operation::BitsNotSet | Operation::MaskedEqual => true,
            Operation::Equal
            | Operation::NotEqual
            | Operation::GreaterThan
            | Operation::LessThan
            | Operation::GreaterOrEqual
            | Operation::LessOrEqual => false,
        };
        let number = |number: &i128| match number {
            8.. if is_mode => format!("0o{number:o}"),
            10.. if in_bits => format!("{number:#x}"),
            _ => number.to_string(),
        };
        let term = |term: &Term| match term {
            Term::Number(value) => number(value),
            Term::Constant(name) => name.clone(),
        };
        match self.terms.as_slice() {
            [Term::Number(value)] => Yaml::Plain(number(value)),
            terms => text(terms.iter().map(term).collect::<Vec<_>>().join(" | ")),
        }
    }
}
