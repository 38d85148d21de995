//! Lists, each item once.

use super::scalar::{string, wrong_type};
use crate::diagnose::code::Code;
use crate::diagnose::document::{DocumentProblem, Expected, List};
use crate::diagnose::filter::FilterProblem;
use crate::diagnose::names::NameProblem;
use crate::diagnose::problems::Problems;
use crate::document::yaml::{Kind, Node, Value};
use crate::kernel::architecture::Architecture;
use crate::policy::{AllowedWarning, Flag, Flags, Placed};

/// The items of a list of `expected`; none where it is no list.
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

/// `[code: reason]`: warnings that the author has thought about.
pub(super) fn allowed_warnings(node: &Node, problems: &mut Problems) -> Vec<AllowedWarning> {
    let mut allowed = Vec::new();
    let mut seen: Vec<Placed<String>> = Vec::new();
    for node in items(node, "warnings with reasons, `[code: reason]`", problems) {
        let Value::Mapping(entries) = &node.value else {
            problems.report(
                node.place(),
                wrong_type(Expected::A("a warning with a reason, `code: reason`"), node),
            );
            continue;
        };
        for (key, reason) in entries {
            let Some(name) = string(key, "the code of a warning", problems) else { continue };
            let reason = string(reason, "a reason in words", problems);
            if let Some(reason) = reason.as_ref().filter(|reason| reason.value.trim().is_empty()) {
                let (expected, found) = (Expected::A("a reason in words"), Kind::Nothing);
                problems.report(reason.place, DocumentProblem::WrongType { expected, found });
            }
            if let Some(first) = seen.iter().find(|other| other.value == name.value) {
                let again = DocumentProblem::RepeatedItem { item: name.value.clone(), first: first.place };
                problems.report(name.place, again);
            }
            seen.push(name.clone());
            match Code::warnings().find(|code| code.name() == name.value) {
                Some(code) => {
                    let reason = reason.map(|reason| reason.value).unwrap_or_default();
                    allowed.push(AllowedWarning { code, reason });
                }
                None => problems.report(name.place, NameProblem::UnknownWarning { text: name.value }),
            }
        }
    }
    allowed
}

pub(super) fn architectures(node: &Node, problems: &mut Problems) -> Vec<Placed<&'static Architecture>> {
    let mut listed: Vec<Placed<&'static Architecture>> = Vec::new();
    if is_empty(node) {
        problems.report(node.place(), DocumentProblem::EmptyList { list: List::Architectures });
    }
    for node in items(node, "architectures", problems) {
        let Some(name) = string(node, "the name of an architecture", problems) else { continue };
        let Some(found) = Architecture::find(&name.value) else {
            problems.report(name.place, NameProblem::UnknownArchitecture { text: name.value });
            continue;
        };
        match listed.iter().find(|other| other.value == found) {
            Some(first) => {
                problems.report(
                    name.place,
                    DocumentProblem::RepeatedItem { item: name.value, first: first.place },
                );
            }
            None => listed.push(Placed { value: found, place: name.place }),
        }
    }
    listed
}

pub(super) fn flags(node: &Node, problems: &mut Problems) -> Flags {
    let mut flags = Vec::new();
    let mut seen: Vec<Placed<String>> = Vec::new();
    for node in items(node, "flags", problems) {
        let Some(flag) = string(node, "a flag", problems) else { continue };
        match Flag::find(&flag.value) {
            Some(found) if found.needs_supervisor() => {
                problems.report(flag.place, FilterProblem::FlagNeedsSupervisor { flag: found.name() });
            }
            Some(found) => flags.push(found),
            None => problems.report(flag.place, NameProblem::UnknownFlag { text: flag.value.clone() }),
        }
        if let Some(first) = seen.iter().find(|other| other.value == flag.value) {
            problems.report(
                flag.place,
                DocumentProblem::RepeatedItem { item: flag.value.clone(), first: first.place },
            );
        }
        seen.push(flag);
    }
    flags.into_iter().collect()
}
