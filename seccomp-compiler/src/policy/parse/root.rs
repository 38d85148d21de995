//! The three forms of a document: the policy itself, a mapping under `seccomp`, or dotted keys (`seccomp.syscalls`).
//! The latter two may be part of another program's configuration.

use super::fields::Fields;
use super::formats;
use super::merge;
use super::scalar::wrong_type;
use crate::diagnose::document::{DocumentProblem, Expected, Part};
use crate::diagnose::problems::Problems;
use crate::diagnose::spelling::nearest;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};
use crate::policy::keys::{Key as _, Root};

/// The fields of the policy, in whichever form the document has it.
pub(super) fn root<'a>(document: &'a Node, problems: &mut Problems) -> Option<Fields<'a, Root>> {
    if let Some(format) = formats::of_document(document) {
        problems.report(document.place(), DocumentProblem::ForeignFormat { format });
        return None;
    }
    let Value::Mapping(entries) = &document.value else {
        let expected = Expected::A("a mapping with the keys of a policy");
        problems.report(document.place(), wrong_type(expected, document));
        return None;
    };
    let start = entries.first().map_or(document.place(), |(key, _)| key.place());
    let merged = merge::entries(entries, |name| !matches!(RootKey::named(name), RootKey::Foreign), problems);
    let mut entries: Vec<RootEntry<'a>> = merged.iter().copied().map(RootEntry::new).collect();
    check_spelling(&mut entries, problems);
    if !entries.iter().any(|entry| entry.key.is_seccomp()) {
        if !merged.iter().any(|(key, _)| is_of_a_policy(key)) {
            let (key, part) = (Root::DefaultAction.name(), Part::Configuration);
            problems.report(start, DocumentProblem::MissingKey { key, part });
            return None;
        }
        return Some(Fields::of(start, Part::Policy, merged, Root::ALL, problems));
    }
    let mut fields = nested(&entries, problems);
    add_dotted(&entries, &mut fields, problems);
    add_beside(&entries, &mut fields, problems);
    Some(fields)
}

/// Adds the keys that begin with `seccomp.`.
fn add_dotted<'a>(entries: &[RootEntry<'a>], fields: &mut Fields<'a, Root>, problems: &mut Problems) {
    for RootEntry { key, place, value } in entries {
        match key {
            RootKey::Dotted(name) if name.contains('.') => {
                problems.report(*place, DocumentProblem::DeepDots { key: format!("seccomp.{name}") });
            }
            RootKey::Dotted(name) => fields.add(name, *place, value, problems),
            _ => {}
        }
    }
}

/// Reports and adds the keys that should be in `seccomp`, but are beside it.
fn add_beside<'a>(entries: &[RootEntry<'a>], fields: &mut Fields<'a, Root>, problems: &mut Problems) {
    for RootEntry { key, place, value } in entries {
        let RootKey::Beside(name) = key else { continue };
        problems.report(*place, DocumentProblem::KeyBesideSeccomp { key: (*name).to_owned() });
        // It is not missing as well, and its value may have mistakes of its own.
        if !fields.has(name) {
            fields.add(name, *place, value, problems);
        }
    }
}

/// A key at the root of the document, with its value.
struct RootEntry<'a> {
    key: RootKey<'a>,
    place: Place,
    value: &'a Node,
}

impl<'a> RootEntry<'a> {
    fn new((key, value): merge::Pair<'a>) -> Self {
        Self { key: RootKey::new(key), place: key.place(), value }
    }
}

enum RootKey<'a> {
    /// `seccomp`.
    Nested,
    /// `seccomp.` and this.
    Dotted(&'a str),
    /// Nearly one of those: this, of which the second part comes after the dot.
    Misspelled(&'a str, Option<&'a str>),
    /// One of the policy's own keys.
    Beside(&'a str),
    /// A key of another program.
    Foreign,
}

impl<'a> RootKey<'a> {
    fn new(key: &'a Node) -> Self {
        if let Value::Text(name) = &key.value { Self::named(name) } else { Self::Foreign }
    }

    fn named(name: &'a str) -> Self {
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (name, None),
        };
        match rest {
            _ if first == "seccomp" => Self::seccomp(rest),
            None if Root::ALL.iter().any(|key| key.name() == first) => Self::Beside(name),
            _ if nearest(first, ["seccomp"]).is_some() => Self::Misspelled(name, rest),
            _ => Self::Foreign,
        }
    }

    fn seccomp(rest: Option<&'a str>) -> Self {
        rest.map_or(Self::Nested, Self::Dotted)
    }

    fn is_seccomp(&self) -> bool {
        matches!(self, Self::Nested | Self::Dotted(_))
    }
}

/// Whether this is a policy's own key, or nearly one. A file that has none is something else, such as a configuration
/// without a policy.
fn is_of_a_policy(key: &Node) -> bool {
    let Value::Text(name) = &key.value else { return false };
    nearest(name, Root::ALL.iter().map(|key| key.name())).is_some()
}

/// Reports a misspelled `seccomp`, which would be taken for a key of another program and have no effect. If there is no
/// other, its value is checked all the same.
fn check_spelling(entries: &mut [RootEntry<'_>], problems: &mut Problems) {
    let has_seccomp = entries.iter().any(|entry| entry.key.is_seccomp());
    for RootEntry { key, place, .. } in entries {
        let RootKey::Misspelled(name, rest) = *key else { continue };
        let unknown = DocumentProblem::UnknownKey { key: name.to_owned(), known: vec!["seccomp"] };
        problems.report(*place, unknown);
        *key = if has_seccomp { RootKey::Foreign } else { RootKey::seccomp(rest) };
    }
}

/// The fields of the mapping under `seccomp`, if there is one.
fn nested<'a>(entries: &[RootEntry<'a>], problems: &mut Problems) -> Fields<'a, Root> {
    let mut nested = entries.iter().filter(|entry| matches!(entry.key, RootKey::Nested));
    let Some(first) = nested.next() else {
        let mut dotted = entries.iter().filter(|entry| matches!(entry.key, RootKey::Dotted(_)));
        let place = dotted.next().map_or(Place::POLICY, |entry| entry.place);
        return Fields::empty(place, Part::Policy, Root::ALL);
    };
    for again in nested {
        let (key, first) = ("seccomp".to_owned(), first.place);
        problems.report(again.place, DocumentProblem::DuplicateKey { key, synonym: None, first });
    }
    Fields::new(first.place, Part::Policy, first.value, Root::ALL, problems)
}
