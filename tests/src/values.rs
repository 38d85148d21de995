//! Random policies as values, for the tests of what is printed and edited.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use seccomp_compiler::policy::{
    Action, ActionKind, AllowedWarning, Argument, Condition, Entry, Errno, Flag, Flags, Group, Operation,
    Policy, Promise, Term, Value,
};
use seccomp_compiler::{Architecture, Code, Severity, Width};

/// Any text that a file can hold, with those that YAML takes for something else.
pub fn text() -> impl Strategy<Value = String> {
    const ODD: &[&str] = &[
        "true", "null", "~", "1", "0x1f", "1e3", ".inf", "", " ", "a: b", "a #b", "- a", "yes", "'", "\"",
        "[", "{a", "a, b", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "a\nb", "\t", "\u{feff}",
        "\u{2028}", "\u{7}", "<<",
    ];
    prop_oneof![select(ODD).prop_map(str::to_owned), "[a-z_]{1,12}", any::<String>()].boxed()
}

/// An action with any data.
pub fn action() -> impl Strategy<Value = Action> {
    let errno = prop_oneof![(1..=4095_u16).prop_map(Errno::Number), "E[A-Z]{2,9}".prop_map(Errno::Name)];
    (select(ActionKind::ALL), any::<u16>(), errno).prop_map(|(kind, number, errno)| kind.with(number, errno))
}

fn architectures() -> impl Strategy<Value = Vec<&'static Architecture>> {
    let all: Vec<_> = Architecture::all().collect();
    subsequence(all, 1..4)
}

fn value() -> impl Strategy<Value = Value> {
    let number =
        prop_oneof![any::<i64>().prop_map(i128::from), any::<u64>().prop_map(i128::from), 0..20_i128];
    let term = prop_oneof![number.prop_map(Term::Number), "[A-Z_][A-Z_0-9]{0,9}".prop_map(Term::Constant)];
    vec(term, 1..4).prop_map(|terms| Value { terms })
}

/// A condition on any argument.
pub fn condition() -> impl Strategy<Value = Condition> {
    let argument =
        prop_oneof![(0..6_u8).prop_map(Argument::Position), "[a-z_][a-z_.]{0,9}".prop_map(Argument::Name)];
    const WIDTHS: &[Width] = &[Width::BITS_16, Width::BITS_32, Width::BITS_64];
    let rest = (option::of(value()), value(), option::of(select(WIDTHS)));
    (argument, select(Operation::ALL), rest).prop_map(|(argument, operation, (value, mask, width))| {
        let mut condition = Condition::new(argument, operation, 0);
        condition.value = value.map(Into::into);
        condition.mask = (operation == Operation::MaskedEqual).then(|| mask.into());
        condition.width = width.map(Into::into);
        condition
    })
}

/// An entry that a group can hold: names are anything, as no architecture is asked.
pub fn entry() -> impl Strategy<Value = Entry> {
    (text(), text(), option::of(vec(condition(), 1..7))).prop_map(|(name, comment, conditions)| {
        let mut entry = Entry::new(&name);
        // A set takes no conditions.
        entry.conditions = conditions.filter(|_| !name.starts_with('@'));
        entry.comment = comment;
        entry
    })
}

/// A group, in which each name is listed once.
pub fn group() -> impl Strategy<Value = Group> {
    let entries = vec(entry(), 1..6).prop_map(|mut entries| {
        entries.sort_by(|a, b| a.name.value.cmp(&b.name.value));
        entries.dedup_by(|a, b| a.name == b.name);
        entries
    });
    let limits = (option::of(architectures()), any::<bool>());
    let effects = vec(text(), 0..3).prop_map(|mut effects| {
        effects.sort();
        effects.dedup();
        effects
    });
    (action(), text(), entries, effects, limits).prop_map(|(action, comment, entries, effects, limits)| {
        let (architectures, optional) = limits;
        let mut group = Group::new(action).effects(effects.iter().map(String::as_str));
        group.comment = comment;
        group.entries = entries;
        group.architectures = architectures.map(|list| list.into_iter().map(Into::into).collect());
        group.optional = optional;
        group
    })
}

/// An item of `expect`: a group with what it can say of an expectation.
pub fn expectation() -> impl Strategy<Value = Group> {
    (group(), option::of(select(Promise::ALL)), any::<bool>()).prop_map(|(group, promise, overrides)| {
        let mut expectation = match promise {
            Some(promise) => Group::promise(promise),
            None => Group::expectation(group.action.value),
        };
        expectation.overrides = overrides;
        expectation.effects = group.effects;
        expectation.entries = group.entries;
        expectation.comment = group.comment;
        expectation
    })
}

/// A policy with anything in it that reads without problems, whether or not it compiles.
pub fn policy() -> impl Strategy<Value = Policy> {
    let warnings: Vec<Code> = Code::all().filter(|code| code.severity() == Severity::Warning).collect();
    let reasons = subsequence(warnings, 0..3);
    let reason = text().prop_filter("a reason says something", |reason| !reason.trim().is_empty());
    const FLAGS: &[Flag] = &[Flag::Tsync, Flag::Log, Flag::SpecAllow];
    let flags = option::of(subsequence(FLAGS, 0..=3));
    let maybe = || option::of(any::<bool>());
    let booleans = (any::<bool>(), maybe(), (maybe(), maybe()));
    let lists = (vec(group(), 1..4), vec(expectation(), 0..3), vec(text(), 0..3), reasons, reason, flags);
    let actions = (action(), option::of(action()), option::of(action()), option::of(architectures()));
    (lists, actions, booleans).prop_map(
        |((groups, expected, include, codes, reason, flags), actions, (enabled, compat, others))| {
            let (default, foreign, newer, architectures) = actions;
            let mut policy = Policy::new(default);
            policy.groups = groups;
            policy.expectations = expected;
            policy.include = include.into_iter().map(Into::into).collect();
            policy.architectures = architectures.map(|list| list.into_iter().map(Into::into).collect());
            policy.foreign_architecture = foreign.map(Into::into);
            policy.newer_syscalls = newer.map(Into::into);
            // The last is about some calls only.
            let last = codes.last().copied();
            let allowed = |code| match AllowedWarning::new(code, reason.clone()) {
                allowed if Some(code) == last => allowed.about(["kill", reason.as_str()]),
                allowed => allowed,
            };
            policy.allowed_warnings = codes.into_iter().map(allowed).collect();
            policy.flags = flags.map(|flags| flags.into_iter().collect::<Flags>().into());
            let (no_new_privs, rust): (Option<bool>, Option<bool>) = others;
            policy.enabled = enabled;
            (policy.compat, policy.no_new_privs) = (compat.map(Into::into), no_new_privs.map(Into::into));
            policy.rust = rust.map(Into::into);
            policy
        },
    )
}
