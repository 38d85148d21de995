//! Where in a document the policy is: by itself, under `seccomp`, or in dotted keys.

use super::fields::Fields;
use super::wrong_type;
use super::yaml::{Node, Value};
use crate::diagnostic::Problems;
use crate::problem::Problem;
use crate::source::Place;

/// The policy's own fields, from whichever root form the file uses: the policy itself, a mapping under `seccomp`,
/// or dotted keys.
pub(super) fn root<'a>(
    document: &'a Node,
    keys: &'static [&'static str],
    problems: &mut Problems,
) -> Option<Fields<'a>> {
    let Value::Mapping(entries) = &document.value else {
        problems.report(Place::Node(document.id), wrong_type("a policy, which is a mapping", document));
        return None;
    };
    let standing: Vec<(Standing<'a>, &'a Node, &'a Node)> =
        entries.iter().map(|(key, value)| (Standing::of(key, keys), key, value)).collect();
    let is_ours = |standing: &Standing<'_>| matches!(standing, Standing::Nested | Standing::Dotted(_));
    if !standing.iter().any(|(standing, _, _)| is_ours(standing)) {
        let place = entries.first().map_or(document.id, |(key, _)| key.id);
        return Some(Fields::new(Place::Node(place), "the policy", document, keys, problems));
    }
    let mut fields = nested(&standing, keys, problems);
    for (standing, key, value) in &standing {
        match standing {
            Standing::Dotted(name) if name.contains('.') => {
                problems.report(Place::Node(key.id), Problem::DeepDots { key: format!("seccomp.{name}") });
            }
            Standing::Dotted(name) => fields.add(name, key, value, problems),
            _ => {}
        }
    }
    for (standing, key, value) in &standing {
        let Standing::Beside(name) = standing else { continue };
        let problem = Problem::KeyBesideSeccomp { key: (*name).to_owned() };
        problems.report(Place::Node(key.id), problem);
        // What stands in the wrong place is not missing as well, and may hold mistakes of its own.
        if fields.optional(name).is_none() {
            fields.add(name, key, value, problems);
        }
    }
    Some(fields)
}

/// Where a key of the document's root belongs.
enum Standing<'a> {
    /// `seccomp`.
    Nested,
    /// `seccomp.` and this.
    Dotted(&'a str),
    /// A policy's own key.
    Beside(&'a str),
    /// Somebody else's.
    Foreign,
}

impl<'a> Standing<'a> {
    fn of(key: &'a Node, keys: &[&str]) -> Self {
        let Value::Text(name) = &key.value else { return Self::Foreign };
        match name.strip_prefix("seccomp.") {
            Some(rest) => Self::Dotted(rest),
            None if name == "seccomp" => Self::Nested,
            None if keys.contains(&name.as_str()) => Self::Beside(name),
            None => Self::Foreign,
        }
    }
}

/// The fields of the mapping under `seccomp`, of which there is at most one.
fn nested<'a>(
    standing: &[(Standing<'a>, &'a Node, &'a Node)],
    keys: &'static [&'static str],
    problems: &mut Problems,
) -> Fields<'a> {
    let mut nested = standing.iter().filter(|(standing, _, _)| matches!(standing, Standing::Nested));
    let Some((_, first, value)) = nested.next() else {
        let dotted = standing.iter().find(|(standing, _, _)| matches!(standing, Standing::Dotted(_)));
        let place = dotted.map_or(0, |(_, key, _)| key.id);
        return Fields::empty(Place::Node(place), "the policy", keys);
    };
    for (_, again, _) in nested {
        let first = Place::Node(first.id);
        let twice = Problem::DuplicateKey { key: "seccomp".to_owned(), synonym: None, first };
        problems.report(Place::Node(again.id), twice);
    }
    Fields::new(Place::Node(first.id), "the policy", value, keys, problems)
}
