//! Lists, each item once.

use super::merge;
use super::scalar::{string, wrong_type};
use crate::diagnose::code::Code;
use crate::diagnose::document::{DocumentProblem, Expected, List};
use crate::diagnose::filter::FilterProblem;
use crate::diagnose::names::NameProblem;
use crate::diagnose::problems::Problems;
use crate::document::yaml::{Kind, Node, Value};
use crate::kernel::architecture::Architecture;
use crate::policy::{AllowedWarning, Flag, Flags, Placed};

/// The items of a list; `expected` says what they are, in the plural.
pub(super) fn items<'a>(node: &'a Node, expected: &'static str, problems: &mut Problems) -> &'a [Node] {
    if let Value::Sequence(items) = &node.value {
        return items;
    }
    problems.report(node.place(), wrong_type(Expected::ListOf(expected), node));
    &[]
}

pub(super) fn is_empty(list: &Node) -> bool {
    matches!(&list.value, Value::Sequence(items) if items.is_empty())
}

/// Reports a name that is listed already.
fn check_is_new(name: &Placed<String>, seen: &mut Vec<Placed<String>>, problems: &mut Problems) {
    if let Some(first) = seen.iter().find(|other| other.value == name.value) {
        let (item, first) = (name.value.clone(), first.place);
        problems.report(name.place, DocumentProblem::RepeatedItem { item, first });
    }
    seen.push(name.clone());
}

/// `allow_warnings`: `[code: reason]`.
pub(super) fn allowed_warnings(node: &Node, problems: &mut Problems) -> Vec<AllowedWarning> {
    let mut allowed = Vec::new();
    let mut seen = Vec::new();
    for node in items(node, "warnings with reasons, `[code: reason]`", problems) {
        let Value::Mapping(entries) = &node.value else {
            let expected = Expected::A("a warning with a reason, `code: reason`");
            problems.report(node.place(), wrong_type(expected, node));
            continue;
        };
        for (key, reason) in merge::entries(entries, |_| true, problems) {
            let Some(name) = string(key, "the code of a warning", problems) else { continue };
            let reason = self::reason(reason, problems);
            check_is_new(&name, &mut seen, problems);
            match Code::warnings().find(|code| code.name() == name.value) {
                Some(code) => {
                    allowed.push(AllowedWarning { code: Placed { value: code, place: name.place }, reason })
                }
                None => problems.report(name.place, NameProblem::UnknownWarning { text: name.value }),
            }
        }
    }
    allowed
}

fn reason(node: &Node, problems: &mut Problems) -> String {
    let Some(reason) = string(node, "a reason in words", problems) else { return String::new() };
    if reason.value.trim().is_empty() {
        let (expected, found) = (Expected::A("a reason in words"), Kind::Nothing);
        problems.report(reason.place, DocumentProblem::WrongType { expected, found });
    }
    reason.value
}

pub(super) fn architectures(node: &Node, problems: &mut Problems) -> Vec<Placed<&'static Architecture>> {
    let mut listed: Vec<Placed<&'static Architecture>> = Vec::new();
    if is_empty(node) {
        problems.report(node.place(), DocumentProblem::EmptyList { list: List::Architectures });
    }
    for node in items(node, "architectures", problems) {
        let Some(Placed { value: name, place }) = string(node, "the name of an architecture", problems)
        else {
            continue;
        };
        let Some(architecture) = Architecture::find(&name) else {
            problems.report(place, NameProblem::UnknownArchitecture { text: name });
            continue;
        };
        // One architecture can be listed by two of its names.
        match listed.iter().find(|other| other.value == architecture) {
            Some(Placed { place: first, .. }) => {
                problems.report(place, DocumentProblem::RepeatedItem { item: name, first: *first });
            }
            None => listed.push(Placed { value: architecture, place }),
        }
    }
    listed
}

pub(super) fn flags(node: &Node, problems: &mut Problems) -> Placed<Flags> {
    let mut flags = Vec::new();
    let mut seen = Vec::new();
    for node in items(node, "flags", problems) {
        let Some(name) = string(node, "a flag", problems) else { continue };
        check_is_new(&name, &mut seen, problems);
        match Flag::find(&name.value) {
            Some(flag) if flag.needs_supervisor() => {
                problems.report(name.place, FilterProblem::FlagNeedsSupervisor { flag: flag.name() });
            }
            Some(flag) => flags.push(flag),
            None => problems.report(name.place, NameProblem::UnknownFlag { text: name.value }),
        }
    }
    Placed { value: flags.into_iter().collect(), place: node.place() }
}
