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
use crate::policy::keys::CALLS;
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

/// `allow_warnings`: `[code: reason]`, or `[{code: reason, calls: [name]}]`.
pub(super) fn allowed_warnings(node: &Node, problems: &mut Problems) -> Vec<AllowedWarning> {
    let mut allowed = Vec::new();
    let mut seen = Vec::new();
    for node in items(node, "warnings with reasons, `[code: reason]`", problems) {
        let wrong = || wrong_type(Expected::A("a warning with a reason, `code: reason`"), node);
        let Value::Mapping(entries) = &node.value else {
            problems.report(node.place(), wrong());
            continue;
        };
        let entries = merge::entries(entries, |_| true, problems);
        let is_calls = |key: &Node| matches!(&key.value, Value::Text(key) if key.as_str() == CALLS);
        let (calls, codes): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| is_calls(key));
        let calls = self::calls(&calls, problems);
        if codes.is_empty() {
            problems.report(node.place(), wrong());
        }
        for (key, reason) in codes {
            let Some(name) = string(key, "the code of a warning", problems) else { continue };
            let reason = self::reason(reason, problems);
            for name in names_with_calls(&name, calls.as_deref()) {
                check_is_new(&name, &mut seen, problems);
            }
            let (calls, place) = (calls.clone(), name.place);
            match Code::warnings().find(|code| code.name() == name.value) {
                Some(value) => allowed.push(AllowedWarning { code: Placed { value, place }, reason, calls }),
                None => problems.report(place, NameProblem::UnknownWarning { text: name.value }),
            }
        }
    }
    allowed
}

/// What may only be allowed once: a warning, or a warning about a call.
fn names_with_calls(name: &Placed<String>, calls: Option<&[Placed<String>]>) -> Vec<Placed<String>> {
    let about = |call: &Placed<String>| Placed {
        value: format!("{}: {}", name.value, call.value),
        place: call.place,
    };
    calls.map_or_else(|| vec![name.clone()], |calls| calls.iter().map(about).collect())
}

/// The calls that a warning is about; more than one such list is an error.
fn calls(lists: &[merge::Pair<'_>], problems: &mut Problems) -> Option<Vec<Placed<String>>> {
    let ((first, list), others) = lists.split_first()?;
    for (key, _) in others {
        let (calls, first) = (CALLS.to_owned(), first.place());
        problems.report(key.place(), DocumentProblem::DuplicateKey { key: calls, synonym: None, first });
    }
    let names = items(list, "names of system calls", problems).iter();
    Some(names.filter_map(|node| string(node, "the name of a system call", problems)).collect())
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
