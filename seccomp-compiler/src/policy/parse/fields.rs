//! The fields of a mapping: known keys, each once, and the required ones there.

use super::wrong_type;
use crate::diagnose::diagnostic::Problems;
use crate::diagnose::problem::Problem;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};

/// The fields of one mapping that were understood.
pub(super) struct Fields<'a> {
    place: Place,
    of: &'static str,
    known: &'static [&'static str],
    found: Vec<(&'a str, &'a Node, &'a Node)>,
    sound: bool,
}

/// The merge key of YAML 1.1, which Beats' parser knows: the fields of another mapping, where not given here.
const MERGE: &str = "<<";

impl<'a> Fields<'a> {
    pub(super) fn empty(place: Place, of: &'static str, known: &'static [&'static str]) -> Self {
        Self { place, of, known, found: Vec::new(), sound: true }
    }

    /// The fields of `node`; a key that is not `known` or stands twice is reported.
    pub(super) fn new(
        place: Place,
        of: &'static str,
        node: &'a Node,
        known: &'static [&'static str],
        problems: &mut Problems,
    ) -> Self {
        let mut fields = Self::empty(place, of, known);
        let Value::Mapping(entries) = &node.value else {
            problems.report(place_of(node, place), wrong_type("a mapping", node));
            fields.sound = false;
            return fields;
        };
        let (merged, own): (Vec<_>, Vec<_>) =
            entries.iter().partition(|(key, _)| matches!(&key.value, Value::Text(name) if name == MERGE));
        for (key, value) in own {
            match &key.value {
                Value::Text(name) => fields.add(name, key, value, problems),
                _ => problems.report(Place::Node(key.id), wrong_type("a key, which is a string", key)),
            }
        }
        for (_, value) in merged {
            fields.merge(value, problems);
        }
        fields
    }

    fn merge(&mut self, node: &'a Node, problems: &mut Problems) {
        match &node.value {
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    match &key.value {
                        Value::Text(name) if self.value(name).is_none() => {
                            self.add(name, key, value, problems)
                        }
                        _ => {}
                    }
                }
            }
            Value::Sequence(nodes) if nodes.iter().all(|node| matches!(node.value, Value::Mapping(_))) => {
                nodes.iter().for_each(|node| self.merge(node, problems));
            }
            _ => problems.report(Place::Node(node.id), wrong_type("a mapping to merge", node)),
        }
    }

    /// One more field, unless it is unknown or there already.
    pub(super) fn add(&mut self, name: &'a str, key: &'a Node, value: &'a Node, problems: &mut Problems) {
        let place = Place::Node(key.id);
        if !self.known.contains(&name) {
            self.sound = false;
            problems.report(place, Problem::UnknownKey { key: name.to_owned(), known: self.known });
        } else if let Some((_, first, _)) = self.found.iter().find(|(other, _, _)| *other == name) {
            let first = Place::Node(first.id);
            problems.report(place, Problem::DuplicateKey { key: name.to_owned(), synonym: None, first });
        } else {
            self.found.push((name, key, value));
        }
    }

    /// The names of the fields.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.found.iter().map(|(name, _, _)| *name)
    }

    fn value(&self, name: &str) -> Option<&'a Node> {
        self.found.iter().find(|(key, _, _)| *key == name).map(|(_, _, value)| *value)
    }

    /// Whether the mapping was one, and held nothing unknown: then what it lacks is really missing.
    pub(super) fn sound(&self) -> bool {
        self.sound
    }

    /// Where a field's key is.
    pub(super) fn place(&self, name: &str) -> Place {
        self.found
            .iter()
            .find(|(key, _, _)| *key == name)
            .map_or(self.place, |(_, key, _)| Place::Node(key.id))
    }

    pub(super) fn optional(&self, name: &str) -> Option<&'a Node> {
        self.value(name)
    }

    /// A field that must be there. Its absence is not reported beside an unknown key, which is likely its misspelling.
    pub(super) fn required(&self, name: &'static str, problems: &mut Problems) -> Option<&'a Node> {
        let value = self.value(name);
        if value.is_none() && self.sound {
            problems.report(self.place, Problem::MissingKey { key: name, of: self.of });
        }
        value
    }
}

/// A mapping that is none: at itself, but nothing at all is at the key that lacks it.
fn place_of(node: &Node, key: Place) -> Place {
    if matches!(node.value, Value::Null) { key } else { Place::Node(node.id) }
}

/// The items of a list.
pub(super) fn items<'a>(
    node: &'a Node,
    expected: &'static str,
    problems: &mut Problems,
) -> Option<&'a [Node]> {
    if let Value::Sequence(items) = &node.value {
        return Some(items);
    }
    problems.report(Place::Node(node.id), wrong_type(expected, node));
    None
}
