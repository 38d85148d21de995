//! Groups of `syscalls`: names, and names with conditions.

use super::fields::Fields;
use super::lists::{architectures, is_empty, items};
use super::scalar::{boolean, string};
use super::{action, condition};
use crate::diagnose::conditions::ConditionProblem;
use crate::diagnose::document::{DocumentProblem, List, Part};
use crate::diagnose::problems::Problems;
use crate::diagnose::rules::RuleProblem;
use crate::document::yaml::{Node, Value};
use crate::kernel::tables;
use crate::policy::keys::{self, Group as Key};
use crate::policy::{Action, Entry, Group, Placed, Promise};

pub(super) fn group(node: &Node, problems: &mut Problems) -> Group {
    let group = parse(node, Part::Group, Key::RULES, problems);
    check_repetitions(&group.entries, problems);
    group
}

/// An item of `expect`. It holds for calls that the target lacks.
pub(super) fn expectation(node: &Node, problems: &mut Problems) -> Group {
    Group { optional: true, ..parse(node, Part::Expectation, Key::EXPECTATION, problems) }
}

fn parse(node: &Node, part: Part, known: &'static [Key], problems: &mut Problems) -> Group {
    let fields = Fields::new(node.place(), part, node, known, problems);
    // A missing action has been reported, so this one never becomes part of a filter.
    let mut group = Group::new(Action::KillProcess);
    if let Some(node) = fields.required(Key::Action, problems) {
        group.promise = (part == Part::Expectation).then(|| promise(node)).flatten();
        let promised =
            group.promise.map(|promise| Placed { value: promise.as_action(), place: node.place() });
        let action = promised.or_else(|| action::parse(node, problems));
        group.action = action.unwrap_or(group.action);
    }
    for (key, node) in fields.iter() {
        match key {
            Key::Names => group.entries.splice(0..0, names(node, problems)).for_each(drop),
            Key::NamesWithArgs => group.entries.extend(conditioned_entries(node, problems)),
            Key::Effects => group.effects = effects(node, problems),
            Key::Action => {}
            Key::Architectures => group.architectures = Some(architectures(node, problems)),
            Key::Optional => group.optional = boolean(node, problems).unwrap_or(false),
            Key::Overrides => group.overrides = boolean(node, problems).unwrap_or(false),
        }
    }
    let lists = [Key::Names, Key::NamesWithArgs, Key::Effects].map(|key| fields.optional(key));
    if lists.iter().all(|list| list.is_none_or(is_empty)) && fields.is_sound() {
        let place = lists.into_iter().flatten().next().unwrap_or(node).place();
        problems.report(place, DocumentProblem::EmptyList { list: List::Names(part) });
    }
    group
}

/// `refused` or `allowed`, which only an expectation can say.
fn promise(node: &Node) -> Option<Promise> {
    if let Value::Text(name) = &node.value { Promise::find(name) } else { None }
}

fn effects(node: &Node, problems: &mut Problems) -> Vec<Placed<String>> {
    let mut effects: Vec<Placed<String>> = Vec::new();
    for node in items(node, "effects", problems) {
        let Some(effect) = string(node, "the name of an effect", problems) else { continue };
        if let Some(first) = effects.iter().find(|other| other.value == effect.value) {
            let again = DocumentProblem::RepeatedItem { item: effect.value, first: first.place };
            problems.report(effect.place, again);
        } else {
            effects.push(effect);
        }
    }
    effects
}

fn names(node: &Node, problems: &mut Problems) -> Vec<Entry> {
    let nodes = items(node, "names", problems);
    let names = nodes.iter().filter_map(|node| string(node, "the name of a system call", problems));
    names.map(|name| Entry { name, conditions: None, comment: String::new() }).collect()
}

fn conditioned_entries(node: &Node, problems: &mut Problems) -> Vec<Entry> {
    let nodes = items(node, "names with arguments", problems);
    nodes.iter().filter_map(|node| conditioned_entry(node, problems)).collect()
}

/// An entry of `names_with_args`; `None` without a name or conditions.
fn conditioned_entry(node: &Node, problems: &mut Problems) -> Option<Entry> {
    let fields = Fields::new(node.place(), Part::Entry, node, keys::Entry::ALL, problems);
    let name = fields
        .required(keys::Entry::Name, problems)
        .and_then(|node| string(node, "the name of a system call", problems));
    if let Some(set) = name.as_ref().filter(|name| name.value.starts_with('@')) {
        problems.report(set.place, ConditionProblem::ConditionedSet { set: set.value.clone() });
    }
    let arguments = fields.required(keys::Entry::Arguments, problems)?;
    let conditions = items(arguments, "conditions", problems);
    if is_empty(arguments) {
        let place = fields.place(keys::Entry::Arguments);
        problems.report(place, DocumentProblem::EmptyList { list: List::Arguments });
    }
    if let Some(seventh) = conditions.get(6) {
        problems.report(seventh.place(), ConditionProblem::TooManyConditions { count: conditions.len() });
    }
    let conditions: Vec<_> = conditions.iter().map(|node| condition::parse(node, problems)).collect();
    // A condition that was not understood has been reported, so an entry without it never becomes a filter.
    let conditions = Some(conditions.into_iter().flatten().collect());
    Some(Entry { name: name?, conditions, comment: String::new() })
}

/// Reports a name that is listed twice without conditions, or both with and without them. A name without conditions
/// may be a member of a set in the same group.
fn check_repetitions(entries: &[Entry], problems: &mut Problems) {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    // Stable, so that entries with the same name keep their order. Most lists are sorted already, which makes this
    // cheaper than hashing.
    sorted.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    let mut first: Option<&Entry> = None;
    for entry in sorted {
        let Some(first) = first.filter(|first| first.name.value == entry.name.value) else {
            first = Some(entry);
            continue;
        };
        let name = entry.name.value.clone();
        let (first_place, place) = (first.name.place, entry.name.place);
        match (&first.conditions, &entry.conditions) {
            (Some(_), Some(_)) => {}
            (None, None) => problems.report(place, RuleProblem::RepeatedSyscall { name, first: first_place }),
            (None, Some(_)) => {
                problems.report(
                    place,
                    RuleProblem::ConditionalTwin { name, unconditional: first_place, set: None },
                );
            }
            (Some(_), None) => {
                problems.report(
                    first_place,
                    RuleProblem::ConditionalTwin { name, unconditional: place, set: None },
                );
            }
        }
    }
    check_members(entries, problems);
}

/// Reports a name with conditions that is a member of a set in the same group.
fn check_members(entries: &[Entry], problems: &mut Problems) {
    for set in entries.iter().filter(|entry| entry.is_set()) {
        let members = tables::set(&set.name.value).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.conditions.is_some()) {
            if members.contains(&entry.name.value.as_str()) {
                let (name, unconditional) = (entry.name.value.clone(), set.name.place);
                let set = Some(set.name.value.clone());
                problems.report(entry.name.place, RuleProblem::ConditionalTwin { name, unconditional, set });
            }
        }
    }
}
