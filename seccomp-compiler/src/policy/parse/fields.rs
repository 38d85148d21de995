//! The fields of a mapping: known keys, each once, and the required ones there.

use super::scalar::wrong_type;
use crate::diagnose::document::{DocumentProblem, Expected, Part};
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};
use crate::policy::keys::Key;

/// The fields of one mapping that were understood.
pub(super) struct Fields<'a, K: Key> {
    place: Place,
    part: Part,
    known: &'static [K],
    found: Vec<(K, &'a Node, &'a Node)>,
    sound: bool,
}

/// The merge key of YAML 1.1, which Beats' parser knows: the fields of another mapping, where not given here.
const MERGE: &str = "<<";

impl<'a, K: Key> Fields<'a, K> {
    pub(super) fn empty(place: Place, part: Part, known: &'static [K]) -> Self {
        Self { place, part, known, found: Vec::new(), sound: true }
    }

    /// The fields of `node`; a key that is not `known` or stands twice is reported.
    pub(super) fn new(
        place: Place,
        part: Part,
        node: &'a Node,
        known: &'static [K],
        problems: &mut Problems,
    ) -> Self {
        let mut fields = Self::empty(place, part, known);
        let Value::Mapping(entries) = &node.value else {
            problems.report(place_of(node, place), wrong_type(Expected::A("a mapping"), node));
            fields.sound = false;
            return fields;
        };
        let (merged, own): (Vec<_>, Vec<_>) =
            entries.iter().partition(|(key, _)| matches!(&key.value, Value::Text(name) if name == MERGE));
        for (key, value) in own {
            match &key.value {
                Value::Text(name) => fields.add(name, key, value, problems),
                _ => problems.report(key.place(), wrong_type(Expected::A("a key (a string)"), key)),
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
                        Value::Text(name) if !self.has(name) => self.add(name, key, value, problems),
                        _ => {}
                    }
                }
            }
            Value::Sequence(nodes) if nodes.iter().all(|node| matches!(node.value, Value::Mapping(_))) => {
                nodes.iter().for_each(|node| self.merge(node, problems));
            }
            _ => problems.report(node.place(), wrong_type(Expected::A("a mapping to merge"), node)),
        }
    }

    /// One more field, unless it is unknown or there already.
    pub(super) fn add(&mut self, name: &str, key: &'a Node, value: &'a Node, problems: &mut Problems) {
        let place = key.place();
        let Some(field) = self.known.iter().copied().find(|known| known.name() == name) else {
            let known = self.known.iter().map(|known| known.name()).collect();
            self.sound = false;
            return problems.report(place, DocumentProblem::UnknownKey { key: name.to_owned(), known });
        };
        match self.found.iter().find(|(other, _, _)| *other == field) {
            Some((_, first, _)) => {
                let first = first.place();
                problems.report(
                    place,
                    DocumentProblem::DuplicateKey { key: name.to_owned(), synonym: None, first },
                );
            }
            None => self.found.push((field, key, value)),
        }
    }

    /// The fields with their values, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &'a Node)> {
        self.found.iter().map(|(field, _, value)| (*field, *value))
    }

    /// Whether there is a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.found.iter().any(|(field, _, _)| field.name() == name)
    }

    /// Whether the mapping was one, and held nothing unknown: then what it lacks is really missing.
    pub(super) fn sound(&self) -> bool {
        self.sound
    }

    /// Where a field's key is.
    pub(super) fn place(&self, field: K) -> Place {
        let found = self.found.iter().find(|(other, _, _)| *other == field);
        found.map_or(self.place, |(_, key, _)| key.place())
    }

    pub(super) fn optional(&self, field: K) -> Option<&'a Node> {
        self.found.iter().find(|(other, _, _)| *other == field).map(|(_, _, value)| *value)
    }

    /// A field that must be there. Its absence is not reported beside an unknown key, which is likely its misspelling.
    pub(super) fn required(&self, field: K, problems: &mut Problems) -> Option<&'a Node> {
        let value = self.optional(field);
        if value.is_none() && self.sound {
            problems.report(self.place, DocumentProblem::MissingKey { key: field.name(), part: self.part });
        }
        value
    }
}

/// A mapping that is none: at itself, but nothing at all is at the key that lacks it.
fn place_of(node: &Node, key: Place) -> Place {
    if matches!(node.value, Value::Null) { key } else { node.place() }
}
