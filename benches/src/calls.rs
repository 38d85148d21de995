//! The calls that programs are measured with: each number of an ABI's table, and for numbers whose arguments are
//! tested, arguments at the boundaries of every test.

use std::collections::BTreeMap;

use seccomp_compiler::{AbiRules, Call, Rule, RuleSet, Verdict};

/// The calls of one number, in the class that its rules put it in.
#[derive(Debug)]
pub(crate) enum Class {
    /// Allowed whatever the arguments.
    Allowed(Call),
    /// Answered otherwise whatever the arguments.
    Refused(Call),
    /// Arguments decide: calls that are allowed, and calls that are not.
    Checked { allowed: Vec<Call>, refused: Vec<Call> },
}

/// The numbers of the target's own table, each in its class.
pub(crate) fn classes(rules: &RuleSet) -> BTreeMap<u32, Class> {
    let abi = &rules.abis[0];
    let table = abi.architecture.table();
    table.map(|number| (number, class(rules, abi, number))).collect()
}

fn class(rules: &RuleSet, abi: &AbiRules, number: u32) -> Class {
    let arch = abi.architecture.audit();
    let own: Vec<&Rule> = abi.of_number(number).collect();
    let call = Call { arch, number, ..Call::default() };
    let unconditional = own.iter().position(|rule| rule.conditions.is_empty());
    let tested = &own[..unconditional.unwrap_or(own.len())];
    let calls = boundaries(call, tested);
    let (allowed, refused): (Vec<Call>, Vec<Call>) =
        calls.into_iter().partition(|call| rules.decide(call) == Verdict::Allow);
    match (tested.is_empty(), rules.decide(&call)) {
        (true, Verdict::Allow) => Class::Allowed(call),
        (true, _) => Class::Refused(call),
        (false, _) => Class::Checked { allowed, refused },
    }
}

/// For each rule, arguments that pass it if the values at its edges can; and from there, each argument moved to the
/// edges of every test on it.
fn boundaries(call: Call, rules: &[&Rule]) -> Vec<Call> {
    let mut calls = Vec::new();
    for rule in rules {
        let passing = Call { arguments: passing(rule), ..call };
        calls.push(passing);
        for test in rules.iter().flat_map(|rule| &rule.conditions) {
            for value in edges(test.value, test.mask) {
                let mut moved = passing;
                moved.arguments[usize::from(test.argument)] = value;
                calls.push(moved);
            }
        }
    }
    calls.sort_by_key(|call| call.arguments);
    calls.dedup();
    calls
}

fn passing(rule: &Rule) -> [u64; 6] {
    let mut arguments = [0; 6];
    for argument in 0..6 {
        let tests = || rule.conditions.iter().filter(|test| usize::from(test.argument) == argument);
        let passes = |value: &u64| {
            let mut with = arguments;
            with[argument] = *value;
            tests().all(|test| test.holds(&with))
        };
        let candidates = tests().flat_map(|test| edges(test.value, test.mask));
        if let Some(value) = candidates.into_iter().find(passes) {
            arguments[argument] = value;
        }
    }
    arguments
}

/// The value, its neighbours, and it with all bits outside and inside the mask turned.
fn edges(value: u64, mask: u64) -> [u64; 5] {
    [value, value.wrapping_add(1) & mask, value.wrapping_sub(1) & mask, value ^ mask, 0]
}
