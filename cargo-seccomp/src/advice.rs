//! What the records mean for a policy: the lines that may have decided, and a patch that allows the calls.

use seccomp_compiler::visible;
use seccomp_observe::Violation;
use seccomp_observe::sink::{Group, Groups, Kind, columns};
use seccomp_tools::advice::{Adviser, RecordedCall};

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
        let deciders = match recorded(&example) {
            Some(call) => adviser.deciders(call).to_string(),
            None => "the record does not say which call it was, or what was answered".to_owned(),
        };
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

fn recorded(violation: &Violation) -> Option<RecordedCall> {
    let Violation { arch: Some(arch), number: Some(number), action: Some(action), .. } = *violation else {
        return None;
    };
    Some(RecordedCall::new(arch, number, action.verdict().kind()))
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
    for call in groups.iter().filter_map(|(kind, group)| recorded(&group.example(kind))) {
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
            .filter(|example| recorded(example) == Some(call))
            .find_map(|example| example.syscall_or_number());
        let name = visible(&name.unwrap_or_default());
        output.finding(render::note(&format!("no patch is offered for `{name}`: {obstacle}")));
    }
    Ok(())
}
