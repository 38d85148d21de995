//! Random policies, as text, for the property tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;
use seccomp_compiler::policy::{Action, ActionKind, Errno, Operation};
use seccomp_compiler::{Architecture, Call, Code, Diagnostics, RuleSet};

/// Calls that every architecture has, with arguments of every width.
const NAMES: [&str; 12] = [
    "read",
    "write",
    "close",
    "socket",
    "prctl",
    "personality",
    "openat",
    "fchmodat",
    "madvise",
    "mprotect",
    "kill",
    "sendto",
];

/// The text of a policy. It compiles on every architecture that it [`fits`], but for rules that happen never to decide,
/// which [`is_redundant`] tells.
pub fn policy() -> impl Strategy<Value = String> {
    let root = (action(), action(), action(), prop::collection::vec(group(), 1..5));
    root.prop_map(|(default, foreign, newer, groups)| {
        let mut text = format!(
            "default_action: {default}\nforeign_architecture: {foreign}\nnewer_syscalls: {newer}\nsyscalls:\n"
        );
        // What is decided without conditions is decided: later groups may not speak of it again.
        let mut decided = BTreeSet::new();
        for (action, entries) in groups {
            let left = entries.into_iter().filter(|(name, _)| !decided.contains(name));
            let (plain, conditioned): (Vec<_>, Vec<_>) = left.partition(|(_, entries)| entries.is_empty());
            let plain: Vec<&str> = plain.iter().map(|(name, _)| *name).collect();
            text.push_str(&group_text(&action, &plain, &conditioned));
            decided.extend(plain);
        }
        text
    })
}

/// Whether all that is wrong with a policy is that some of its rules never decide.
pub fn is_redundant(problems: &Diagnostics) -> bool {
    problems.iter().all(|problem| problem.code == Code::NeverFires)
}

fn action() -> impl Strategy<Value = Action> {
    let errno = select(&[1, 38, 4095][..]).prop_map(Errno::Number);
    let errno = prop_oneof![errno, Just("ENOSYS".into())];
    (select(ActionKind::ALL), select(&[0, 7, u16::MAX][..]), errno)
        .prop_map(|(kind, number, errno)| kind.with(number, errno))
}

type Entries = BTreeMap<&'static str, Vec<Vec<String>>>;

/// A group in which each name stands either without conditions or with some.
fn group() -> impl Strategy<Value = (Action, Entries)> {
    (action(), prop::collection::btree_map(select(&NAMES[..]), entries(), 1..6))
}

/// Nothing where there are no names left.
fn group_text(action: &Action, plain: &[&str], conditioned: &[(&str, Vec<Vec<String>>)]) -> String {
    if plain.is_empty() && conditioned.is_empty() {
        return String::new();
    }
    let mut text = format!("- action: {action}\n");
    if !plain.is_empty() {
        writeln!(text, "  names: [{}]", plain.join(", ")).expect("a string can be written");
    }
    if !conditioned.is_empty() {
        text.push_str("  names_with_args:\n");
    }
    for (name, entries) in conditioned {
        for conditions in entries {
            writeln!(text, "  - {{name: {name}, arguments: [{}]}}", conditions.join(", "))
                .expect("a string can be written");
        }
    }
    text
}

/// No entry with conditions, which makes the name unconditional, or up to three of them.
fn entries() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(condition(), 1..4), 0..4)
}

fn condition() -> impl Strategy<Value = String> {
    let unmasked: Vec<&str> = Operation::ALL
        .iter()
        .filter(|operation| **operation != Operation::MaskedEqual)
        .map(|operation| operation.name())
        .collect();
    let plain =
        (0..6_u8, select(unmasked), width_and_value()).prop_map(|(argument, operation, (width, value))| {
            format!("{{argument: {argument}, operation: {operation}, value: {value}, width: {width}}}")
        });
    let masked = (0..6_u8, width_and_value(), any::<u64>()).prop_map(|(argument, (width, mask), bits)| {
        let value = mask & bits;
        format!(
            "{{argument: {argument}, operation: MaskedEqual, value: {value}, mask: {mask}, width: {width}}}"
        )
    });
    prop_oneof![3 => plain, 1 => masked]
}

/// Values at the edges of their width, where mistakes are, and anywhere. Widths of 64 bits only exist on 64-bit ABIs,
/// so [`fits`] filters the architectures.
fn width_and_value() -> impl Strategy<Value = (u32, u64)> {
    let bits = select(&[16_u32, 32, 32, 64][..]);
    let value = prop_oneof![
        select(&[0, 1, 2, 5, 0x7fff, 0xffff, 0x8000_0000, 0xffff_ffff, 1 << 32, u64::MAX, 1 << 63][..]),
        any::<u64>(),
        (0..64_u32).prop_map(|bit| 1_u64 << bit),
    ];
    (bits, value).prop_map(|(bits, value)| (bits, value & (u64::MAX >> (64 - bits))))
}

/// Whether an architecture can have this policy.
pub fn fits(policy: &str, architecture: &Architecture) -> bool {
    architecture.register().bits() == 64 || !policy.contains("width: 64")
}

/// Calls on which the rules could answer differently: every boundary of every test, each number and its neighbours,
/// and foreign ones.
pub fn calls(rules: &RuleSet) -> Vec<Call> {
    let mut calls = Vec::new();
    for space in &rules.abis {
        let arch = space.architecture.audit();
        let (first, last) = (*space.numbers().start(), *space.numbers().end());
        let end = space.architecture.table_end();
        for number in [first, last, end - 1, end, end + 1, 0x4000_0000, 0x3fff_ffff, u32::MAX] {
            calls.push(Call { arch, number, ..Call::default() });
            calls.push(Call { arch: arch ^ 1, number, ..Call::default() });
        }
        for rule in &space.rules {
            let same: Vec<_> = space.rules.iter().filter(|other| other.number == rule.number).collect();
            let tests = || same.iter().flat_map(|rule| &rule.conditions);
            // Every argument at a value that passes the tests of this rule, if one of the edges does.
            let mut arguments = [0; 6];
            for test in &rule.conditions {
                let passes = |value: &u64| {
                    let mut with = arguments;
                    with[usize::from(test.argument)] = *value;
                    rule.conditions
                        .iter()
                        .filter(|other| other.argument == test.argument)
                        .all(|test| test.holds(&with))
                };
                if let Some(value) = edges(test.value, test.mask).into_iter().find(passes) {
                    arguments[usize::from(test.argument)] = value;
                }
            }
            let call = Call { arch, number: rule.number, arguments, instruction_pointer: 0x7fff_1234_5678 };
            calls.push(call);
            calls.push(Call { number: rule.number.wrapping_add(1), ..call });
            calls.push(Call { arguments: [u64::MAX; 6], ..call });
            for test in tests() {
                for value in edges(test.value, test.mask) {
                    let mut call = call;
                    call.arguments[usize::from(test.argument)] = value;
                    calls.push(call);
                }
            }
        }
    }
    calls
}

fn edges(value: u64, mask: u64) -> [u64; 10] {
    let garbage = 0xabcd_0000_0000;
    [
        value,
        value.wrapping_add(1),
        value.wrapping_sub(1),
        value | !mask,
        value ^ mask,
        !value,
        value ^ garbage,
        value | 1 << 63,
        0,
        u64::MAX,
    ]
}
