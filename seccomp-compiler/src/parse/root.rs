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
    let name = |key: &'a Node| if let Value::Text(name) = &key.value { Some(name.as_str()) } else { None };
    let ours = |key: &str| key == "seccomp" || key.starts_with("seccomp.");
    if !entries.iter().any(|(key, _)| name(key).is_some_and(ours)) {
        let place = entries.first().map_or(document.id, |(key, _)| key.id);
        return Some(Fields::new(Place::Node(place), "the policy", document, keys, problems));
    }
    let mut fields = None;
    let mut dotted = Vec::new();
    let mut beside = Vec::new();
    for (key, value) in entries {
        match name(key) {
            Some("seccomp") if fields.is_some() => {
                let (first, _) =
                    entries.iter().find(|(key, _)| name(key) == Some("seccomp")).unwrap_or(&entries[0]);
                let first = Place::Node(first.id);
                let twice = Problem::DuplicateKey { key: "seccomp".to_owned(), synonym: None, first };
                problems.report(Place::Node(key.id), twice);
            }
            Some("seccomp") => {
                fields = Some(Fields::new(Place::Node(key.id), "the policy", value, keys, problems));
            }
            Some(path) if path.starts_with("seccomp.") => {
                let rest = &path["seccomp.".len()..];
                if rest.contains('.') {
                    problems.report(Place::Node(key.id), Problem::DeepDots { key: path.to_owned() });
                } else {
                    dotted.push((rest, key, value));
                }
            }
            Some(key_beside) if keys.contains(&key_beside) => {
                problems
                    .report(Place::Node(key.id), Problem::KeyBesideSeccomp { key: key_beside.to_owned() });
                beside.push((key_beside, key, value));
            }
            _ => {}
        }
    }
    let first = dotted.first().map_or(document.id, |(_, key, _)| key.id);
    let mut fields = fields.unwrap_or_else(|| Fields::empty(Place::Node(first), "the policy", keys));
    for (name, key, value) in dotted {
        fields.add(name, key, value, problems);
    }
    // What stands in the wrong place is not missing as well, and may hold mistakes of its own.
    for (name, key, value) in beside {
        if fields.optional(name).is_none() {
            fields.add(name, key, value, problems);
        }
    }
    Some(fields)
}
