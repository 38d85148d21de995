//! The text with which a process names the calls that its filter traps, and their arguments.

use std::fmt::Write as _;

use crate::engine::rules::{AbiRules, Rule, RuleSet, Verdict};
use crate::kernel::architecture::Architecture;
use crate::kernel::tables::{self, Argument, Table};
use crate::kernel::values::Family;
use crate::trace::Distinct;

/// The calls that can be trapped, by audit architecture, and the families of constants that their arguments take.
/// [`Report`](crate::Report) has the format.
pub(super) fn described(rules: &RuleSet) -> (Vec<(u32, String)>, Vec<String>) {
    let mut calls: Vec<(u32, String)> = Vec::new();
    let mut families = Distinct::default();
    for abi in &rules.abis {
        let rules = abi.by_number();
        let audit = abi.architecture.audit();
        let at = calls.partition_point(|(other, _)| *other < audit);
        if calls.get(at).is_none_or(|(other, _)| *other != audit) {
            calls.insert(at, (audit, String::new()));
        }
        let text = &mut calls[at].1;
        let table = abi.architecture.table;
        let numbered = tables::syscalls().filter_map(|syscall| Some((syscall, syscall.number(table)?)));
        for (syscall, number) in numbered {
            let first = rules.partition_point(|rule| rule.number < number);
            let count = rules[first..].iter().take_while(|rule| rule.number == number).count();
            if may_trap(&rules[first..first + count], abi.otherwise(number)) {
                let _infallible = writeln!(text, "{number:x} {}", signature(syscall, abi, &mut families));
            }
        }
    }
    calls.retain(|(_, text)| !text.is_empty());
    (calls, families.items().unwrap_or_default())
}

fn may_trap(rules: &[&Rule], otherwise: Verdict) -> bool {
    let last = rules.iter().position(|rule| rule.conditions.is_empty());
    let reached = &rules[..last.map_or(rules.len(), |last| last + 1)];
    let traps = |verdict| matches!(verdict, Verdict::Trap(_));
    reached.iter().any(|rule| traps(rule.verdict)) || last.is_none() && traps(otherwise)
}

fn signature(syscall: tables::Syscall, abi: &AbiRules, families: &mut Distinct<String>) -> String {
    let Architecture { table, .. } = *abi.architecture;
    let Some(arguments) = syscall.signature(table) else { return format!("{} ?", syscall.name) };
    let mut text = format!("{} ", syscall.name);
    text.extend(arguments.iter().map(|argument| letter(argument, abi.architecture)));
    for (position, argument) in arguments.iter().enumerate() {
        if let Some(family) = Family::of(syscall.name, argument.name) {
            let _infallible = write!(text, " {position:x}:{:x}", families.index(constants(&family, table)));
        }
    }
    text
}

fn letter(argument: &Argument, on: &Architecture) -> char {
    match argument.width.min(on.register).bits() {
        ..=16 if argument.is_mode() => 'o',
        ..=16 => 'h',
        17..=32 if argument.is_folder() => 'a',
        17..=32 => 'w',
        _ => 'd',
    }
}

/// A family on one ABI.
fn constants(family: &Family, table: Table) -> String {
    let values = family.values(table);
    let mask = if family.mask == u64::MAX { "-".to_owned() } else { format!("{:x}", family.mask) };
    let start = common_start(&values);
    let mut text = format!("{mask} {start} ");
    let mut next = 0;
    for (index, (value, name)) in values.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _infallible = write!(text, "{comma}{}", &name[start.len()..]);
        if *value != next {
            let _infallible = write!(text, "={value:x}");
        }
        next = if value & !family.mask == 0 { value.wrapping_add(1) } else { value << 1 };
    }
    text
}

/// What the names begin with, but for the last letter of the shortest.
fn common_start(values: &[(u64, &'static str)]) -> &'static str {
    let Some((_, first)) = values.first() else { return "" };
    let is_common = |length: &usize| {
        values.iter().all(|(_, name)| name.len() > *length && name[..*length] == first[..*length])
    };
    &first[..(0..first.len()).rev().find(is_common).unwrap_or(0)]
}
