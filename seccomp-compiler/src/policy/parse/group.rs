//! Groups of `syscalls`: names, and names with conditions.

use super::fields::{Fields, items};
use super::{action, architectures, boolean, condition, keys, text};
use crate::diagnose::diagnostic::Problems;
use crate::diagnose::problem::Problem;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};
use crate::kernel::tables;
use crate::policy::{Entry, Group};

pub(super) fn group(node: &Node, problems: &mut Problems) -> Group {
    let fields = Fields::new(Place::Node(node.id), "the group", node, keys::GROUP, problems);
    let action = fields.required("action", problems).and_then(|node| action::parse(node, problems));
    let architectures = fields.optional("architectures").map(|node| architectures(node, problems));
    let optional = fields.optional("optional").and_then(|node| boolean(node, problems)).unwrap_or(false);
    let entries = entries(&fields, node, "the group", problems);
    repeated_names(&entries, problems);
    Group { action, architectures, optional, entries }
}

/// An item of `expect`. Calls that the target lacks hold by themselves.
pub(super) fn expectation(node: &Node, problems: &mut Problems) -> Group {
    let fields = Fields::new(Place::Node(node.id), "the expectation", node, keys::EXPECTATION, problems);
    let action = fields.required("action", problems).and_then(|node| action::parse(node, problems));
    let entries = entries(&fields, node, "the expectation", problems);
    Group { action, architectures: None, optional: true, entries }
}

fn entries(fields: &Fields<'_>, node: &Node, of: &'static str, problems: &mut Problems) -> Vec<Entry> {
    let mut entries = Vec::new();
    let named = fields.optional("names").and_then(|node| items(node, "a list of names", problems));
    for node in named.unwrap_or_default() {
        if let Some(name) = text(node, "the name of a system call", problems) {
            entries.push(Entry { name, conditions: None });
        }
    }
    let conditioned = fields
        .optional("names_with_args")
        .and_then(|node| items(node, "a list of names with arguments", problems));
    for node in conditioned.unwrap_or_default() {
        entries.extend(conditioned_entry(node, problems));
    }
    let empty = |key| {
        fields.optional(key).is_none_or(|node| matches!(&node.value, Value::Sequence(of) if of.is_empty()))
    };
    if empty("names") && empty("names_with_args") && fields.sound() {
        let remedy = "name at least one system call in `names` or `names_with_args`";
        let list =
            ["names", "names_with_args"].into_iter().find_map(|key| fields.optional(key)).unwrap_or(node);
        problems.report(Place::Node(list.id), Problem::EmptyList { of, remedy });
    }
    entries
}

/// An entry of `names_with_args`; none where it has no name or no conditions to speak of.
fn conditioned_entry(node: &Node, problems: &mut Problems) -> Option<Entry> {
    let fields = Fields::new(Place::Node(node.id), "the entry", node, keys::ENTRY, problems);
    let name =
        fields.required("name", problems).and_then(|node| text(node, "the name of a system call", problems));
    if let Some(set) = name.as_ref().filter(|name| name.value.starts_with('@')) {
        problems.report(set.place, Problem::ConditionedSet { set: set.value.clone() });
    }
    let arguments = fields.required("arguments", problems)?;
    let conditions = items(arguments, "a list of conditions", problems)?;
    if conditions.is_empty() {
        let remedy = "to match the call whatever its arguments, list it in `names`";
        problems.report(fields.place("arguments"), Problem::EmptyList { of: "the list `arguments`", remedy });
    }
    if let Some(seventh) = conditions.get(6) {
        problems.report(Place::Node(seventh.id), Problem::TooManyConditions { count: conditions.len() });
    }
    let conditions: Vec<_> = conditions.iter().map(|node| condition::parse(node, problems)).collect();
    // A condition that was not understood has been reported, so an entry with fewer never becomes a filter.
    Some(Entry { name: name?, conditions: Some(conditions.into_iter().flatten().collect()) })
}

/// One name is listed once without conditions, or any number of times with them; as a member of a set it may be
/// listed again without.
fn repeated_names(entries: &[Entry], problems: &mut Problems) {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    // Those of one name stay in their order. Lists mostly are sorted, which takes less to see than to hash names.
    sorted.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    let mut first: Option<&Entry> = None;
    for entry in sorted {
        let Some(first) = first.filter(|first| first.name.value == entry.name.value) else {
            first = Some(entry);
            continue;
        };
        let (name, place) = (entry.name.value.clone(), first.name.place);
        let problem = match (first.conditions.is_none(), entry.conditions.is_none()) {
            (false, false) => continue,
            (true, true) => Problem::RepeatedSyscall { name, first: place },
            _ => Problem::ConditionalTwin { name, first: place },
        };
        problems.report(entry.name.place, problem);
    }
    for set in entries.iter().filter(|entry| entry.is_set()) {
        let members = tables::set(&set.name.value).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.conditions.is_some()) {
            if members.contains(&entry.name.value.as_str()) {
                let (name, first) = (entry.name.value.clone(), set.name.place);
                problems.report(entry.name.place, Problem::ConditionalTwin { name, first });
            }
        }
    }
}
