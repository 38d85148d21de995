//! The fields of a mapping: each key is known, given once, and there if it is required.

use super::merge;
use super::scalar::wrong_type;
use crate::diagnose::document::{DocumentProblem, Expected, Part};
use crate::diagnose::problems::Problems;
use crate::diagnose::spelling::nearest;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};
use crate::policy::keys::Key;

/// The fields of one mapping that were understood.
pub(super) struct Fields<'a, K: Key> {
    /// Where to point when a field is missing.
    place: Place,
    part: Part,
    known: &'static [K],
    fields: Vec<Field<'a, K>>,
    is_sound: bool,
}

struct Field<'a, K> {
    key: K,
    place: Place,
    value: &'a Node,
    /// Whether the key is misspelled, and this is the one that is probably meant.
    is_guess: bool,
}

impl<'a, K: Key> Fields<'a, K> {
    pub(super) fn empty(place: Place, part: Part, known: &'static [K]) -> Self {
        Self { place, part, known, fields: Vec::new(), is_sound: true }
    }

    /// The fields of `node`; reports keys that are not in `known` and keys that are given twice.
    pub(super) fn new(
        place: Place,
        part: Part,
        node: &'a Node,
        known: &'static [K],
        problems: &mut Problems,
    ) -> Self {
        let Value::Mapping(entries) = &node.value else {
            // A value that is left out is nowhere, so the key is pointed at.
            let place = if matches!(node.value, Value::Null) { place } else { node.place() };
            problems.report(place, wrong_type(Expected::A("a mapping"), node));
            return Self { is_sound: false, ..Self::empty(place, part, known) };
        };
        let entries = merge::entries(entries, |_| true, problems);
        Self::of(place, part, entries, known, problems)
    }

    /// As [`Self::new`], for the entries of a mapping.
    pub(super) fn of(
        place: Place,
        part: Part,
        entries: Vec<merge::Pair<'a>>,
        known: &'static [K],
        problems: &mut Problems,
    ) -> Self {
        let mut fields = Self::empty(place, part, known);
        for (key, value) in entries {
            match &key.value {
                Value::Text(name) => fields.add(name, key.place(), value, problems),
                _ => problems.report(key.place(), wrong_type(Expected::A("a key (a string)"), key)),
            }
        }
        fields
    }

    /// Adds a field, unless its key is given already. An unknown key is taken for the one that it resembles, so that
    /// mistakes in its value are found at the same time.
    pub(super) fn add(&mut self, name: &str, place: Place, value: &'a Node, problems: &mut Problems) {
        let named = |name: &str| self.known.iter().copied().find(|key| key.name() == name);
        let Some(key) = named(name) else {
            let known: Vec<&str> = self.known.iter().map(|key| key.name()).collect();
            let meant = nearest(name, known.iter().copied()).and_then(named);
            self.is_sound = false;
            problems.report(place, DocumentProblem::UnknownKey { key: name.to_owned(), known });
            if let Some(key) = meant.filter(|key| self.field(*key).is_none()) {
                self.fields.push(Field { key, place, value, is_guess: true });
            }
            return;
        };
        self.fields.retain(|field| field.key != key || !field.is_guess);
        match self.field(key) {
            Some(Field { place: first, .. }) => {
                let (key, first) = (name.to_owned(), *first);
                problems.report(place, DocumentProblem::DuplicateKey { key, synonym: None, first });
            }
            None => self.fields.push(Field { key, place, value, is_guess: false }),
        }
    }

    fn field(&self, key: K) -> Option<&Field<'a, K>> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The keys and their values, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &'a Node)> {
        self.fields.iter().map(|field| (field.key, field.value))
    }

    /// Whether there is a field with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.key.name() == name)
    }

    /// Whether this was a mapping without unknown keys: then a field that is not there is really missing.
    pub(super) fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// The place of a key; of the mapping where it has none.
    pub(super) fn place(&self, key: K) -> Place {
        self.field(key).map_or(self.place, |field| field.place)
    }

    pub(super) fn optional(&self, key: K) -> Option<&'a Node> {
        self.field(key).map(|field| field.value)
    }

    /// A field that must be there. Beside an unknown key, which is probably its misspelling, it is not reported as
    /// missing.
    pub(super) fn required(&self, key: K, problems: &mut Problems) -> Option<&'a Node> {
        let value = self.optional(key);
        if value.is_none() && self.is_sound {
            let (key, part) = (key.name(), self.part);
            problems.report(self.place, DocumentProblem::MissingKey { key, part });
        }
        value
    }
}
