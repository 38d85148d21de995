//! What the records mean for a policy: the lines that may have decided, and a patch that allows the calls.

use std::collections::HashMap;

use seccomp_compiler::visible;
use seccomp_observe::sink::{Group, Groups, Kind, columns};
use seccomp_observe::{Annotate, Violation};
use seccomp_tools::advice::{Adviser, Deciders, RecordedCall};

use crate::input;
use crate::outcome::Failure;
use crate::output::Output;
use crate::render;

/// Says for each group which lines may have decided, and offers a patch if all are by one program.
pub(crate) fn advise(adviser: &Adviser, groups: &Groups, output: &mut Output<'_>) -> Result<(), Failure> {
    let groups = groups.sorted();
    if groups.is_empty() {
        return Ok(());
    }
    let (policy, architecture) = (visible(adviser.policy()), adviser.architecture());
    output.result(format_args!("\nWhat may have decided in `{policy}` on {architecture}:"))?;
    for (kind, group) in &groups {
        let example = group.example(kind);
        let [_, call, arch, action] = columns(&example);
        let deciders = deciders(adviser, &example);
        let deciders = deciders
            .unwrap_or_else(|| "the record does not say which call it was, or what was answered".to_owned());
        output.result(format_args!("  {call} on {arch}, {action}: {deciders}"))?;
    }
    output.result(
        "Records have neither the arguments of a call nor the data of an action, such as its errno.",
    )?;
    match programs(&groups) {
        1 => offer_patch(adviser, &groups, output),
        programs => {
            let note = format!(
                "the records are from {programs} programs; to get a patch, name the one that uses `{policy}` with \
                 `--program`",
            );
            output.finding(render::note(&note));
            Ok(())
        }
    }
}

/// Says for each violation which lines may have decided.
pub(crate) fn annotate(adviser: Adviser) -> Annotate {
    let mut known = HashMap::new();
    Box::new(move |violation| {
        let key = (violation.arch, violation.number, violation.action);
        known.entry(key).or_insert_with(|| deciders(&adviser, violation)).clone()
    })
}

/// The lines that may have decided; none if the record does not say enough.
fn deciders(adviser: &Adviser, violation: &Violation) -> Option<String> {
    let calls = recorded(violation);
    let deciders = calls.iter().flat_map(|call| adviser.deciders(*call).0).collect();
    (!calls.is_empty()).then(|| Deciders(deciders).to_string())
}

/// What may have been recorded: more than one call only if there are several actions that may have been meant.
fn recorded(violation: &Violation) -> Vec<RecordedCall> {
    let Violation { arch: Some(arch), number: Some(number), action: Some(action), .. } = *violation else {
        return Vec::new();
    };
    action.kinds().iter().map(|&action| RecordedCall::new(arch, number, action)).collect()
}

fn programs(groups: &[(&Kind, &Group)]) -> usize {
    let mut programs: Vec<_> = groups.iter().map(|(kind, _)| &kind.program).collect();
    programs.sort();
    programs.dedup();
    programs.len()
}

fn offer_patch(
    adviser: &Adviser,
    groups: &[(&Kind, &Group)],
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let mut calls: Vec<RecordedCall> = Vec::new();
    for call in groups.iter().flat_map(|(kind, group)| recorded(&group.example(kind))) {
        if !calls.iter().any(|other| (other.arch, other.number) == (call.arch, call.number)) {
            calls.push(call);
        }
    }
    let patch = adviser.allow(calls, input::compiler(adviser.architecture()));
    if !patch.text.is_empty() {
        output
            .result("\nTo allow these calls with any arguments, if the program is meant to make them:\n")?;
        output.bytes(patch.text.as_bytes())?;
    }
    for (call, obstacle) in patch.refused {
        let name = groups.iter().map(|(kind, group)| group.example(kind));
        let name = name
            .filter(|example| recorded(example).contains(&call))
            .find_map(|example| example.syscall_or_number());
        let name = name.unwrap_or_default();
        let name = visible(&name);
        output.finding(render::note(&format!("no patch is offered for `{name}`: {obstacle}")));
    }
    Ok(())
}
