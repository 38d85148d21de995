//! Groups of `syscalls`: names, and names with conditions.

use super::fields::{Fields, items};
use super::{action, architectures, boolean, condition, text};
use crate::diagnose::diagnostic::Problems;
use crate::diagnose::problem::Problem;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};
use crate::kernel::tables;
use crate::policy::keys::{self, Group as Key};
use crate::policy::{Action, Entry, Group};

pub(super) fn group(node: &Node, problems: &mut Problems) -> Group {
    let group = parse(node, "the group", Key::ALL, problems);
    repeated_names(&group.entries, problems);
    group
}

/// An item of `expect`. Calls that the target lacks hold by themselves.
pub(super) fn expectation(node: &Node, problems: &mut Problems) -> Group {
    Group { optional: true, ..parse(node, "the expectation", Key::EXPECTATION, problems) }
}

fn parse(node: &Node, of: &'static str, known: &'static [Key], problems: &mut Problems) -> Group {
    let fields = Fields::new(Place::Node(node.id), of, node, known, problems);
    let action = fields.required(Key::Action, problems).and_then(|node| action::parse(node, problems));
    // Without an action there is an error, so that the group never becomes a filter.
    let mut group = Group::new(Action::KillProcess);
    group.action = action.unwrap_or(group.action);
    for (key, node) in fields.iter() {
        match key {
            Key::Names => group.entries.splice(0..0, names(node, problems)).for_each(drop),
            Key::NamesWithArgs => group.entries.extend(conditioned_entries(node, problems)),
            Key::Action => {}
            Key::Architectures => group.architectures = Some(architectures(node, problems)),
            Key::Optional => group.optional = boolean(node, problems).unwrap_or(false),
        }
    }
    let lists = [Key::Names, Key::NamesWithArgs].map(|key| fields.optional(key));
    let empty = |list: &Node| matches!(&list.value, Value::Sequence(items) if items.is_empty());
    if lists.iter().all(|list| list.is_none_or(empty)) && fields.sound() {
        let remedy = "name at least one system call in `names` or `names_with_args`";
        let list = lists.into_iter().flatten().next().unwrap_or(node);
        problems.report(Place::Node(list.id), Problem::EmptyList { of, remedy });
    }
    group
}

fn names(node: &Node, problems: &mut Problems) -> Vec<Entry> {
    let nodes = items(node, "a list of names", problems).unwrap_or_default();
    let names = nodes.iter().filter_map(|node| text(node, "the name of a system call", problems));
    names.map(|name| Entry { name, conditions: None, comment: String::new() }).collect()
}

fn conditioned_entries(node: &Node, problems: &mut Problems) -> Vec<Entry> {
    let nodes = items(node, "a list of names with arguments", problems).unwrap_or_default();
    nodes.iter().filter_map(|node| conditioned_entry(node, problems)).collect()
}

/// An entry of `names_with_args`; none where it has no name or no conditions to speak of.
fn conditioned_entry(node: &Node, problems: &mut Problems) -> Option<Entry> {
    let fields = Fields::new(Place::Node(node.id), "the entry", node, keys::Entry::ALL, problems);
    let name = fields
        .required(keys::Entry::Name, problems)
        .and_then(|node| text(node, "the name of a system call", problems));
    if let Some(set) = name.as_ref().filter(|name| name.value.starts_with('@')) {
        problems.report(set.place, Problem::ConditionedSet { set: set.value.clone() });
    }
    let arguments = fields.required(keys::Entry::Arguments, problems)?;
    let conditions = items(arguments, "a list of conditions", problems)?;
    if conditions.is_empty() {
        let remedy = "to match the call whatever its arguments, list it in `names`";
        problems.report(
            fields.place(keys::Entry::Arguments),
            Problem::EmptyList { of: "the list `arguments`", remedy },
        );
    }
    if let Some(seventh) = conditions.get(6) {
        problems.report(Place::Node(seventh.id), Problem::TooManyConditions { count: conditions.len() });
    }
    let conditions: Vec<_> = conditions.iter().map(|node| condition::parse(node, problems)).collect();
    // A condition that was not understood has been reported, so an entry with fewer never becomes a filter.
    let conditions = Some(conditions.into_iter().flatten().collect());
    Some(Entry { name: name?, conditions, comment: String::new() })
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
