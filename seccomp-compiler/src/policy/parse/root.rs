//! Where in a document the policy is: by itself, under `seccomp`, or in dotted keys.

use super::fields::Fields;
use super::scalar::wrong_type;
use crate::diagnose::document::{DocumentProblem, Expected, Part};
use crate::diagnose::problems::Problems;
use crate::diagnose::spelling::nearest;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};
use crate::policy::keys::{Key as _, Root};

/// The policy's own fields, from whichever root form the file uses: the policy itself, a mapping under `seccomp`,
/// or dotted keys.
pub(super) fn root<'a>(document: &'a Node, problems: &mut Problems) -> Option<Fields<'a, Root>> {
    let Value::Mapping(entries) = &document.value else {
        problems.report(
            document.place(),
            wrong_type(Expected::A("a mapping with the keys of a policy"), document),
        );
        return None;
    };
    let mut standing: Vec<Entry<'a>> =
        entries.iter().map(|(key, value)| (Standing::of(key), key, value)).collect();
    report_misspelled(&mut standing, problems);
    if !standing.iter().any(|(standing, _, _)| standing.is_ours()) {
        let place = entries.first().map_or(document, |(key, _)| key).place();
        return Some(Fields::new(place, Part::Policy, document, Root::ALL, problems));
    }
    let mut fields = nested(&standing, problems);
    for (standing, key, value) in &standing {
        match standing {
            Standing::Dotted(name) if name.contains('.') => {
                problems.report(key.place(), DocumentProblem::DeepDots { key: format!("seccomp.{name}") });
            }
            Standing::Dotted(name) => fields.add(name, key, value, problems),
            _ => {}
        }
    }
    for (standing, key, value) in &standing {
        let Standing::Beside(name) = standing else { continue };
        let problem = DocumentProblem::KeyBesideSeccomp { key: (*name).to_owned() };
        problems.report(key.place(), problem);
        // What stands in the wrong place is not missing as well, and may hold mistakes of its own.
        if !fields.has(name) {
            fields.add(name, key, value, problems);
        }
    }
    Some(fields)
}

/// A key of the document's root with its value.
type Entry<'a> = (Standing<'a>, &'a Node, &'a Node);

/// Where a key of the document's root belongs.
enum Standing<'a> {
    /// `seccomp`.
    Nested,
    /// `seccomp.` and this.
    Dotted(&'a str),
    /// Nearly one of those.
    Misspelled(Option<&'a str>),
    /// A policy's own key.
    Beside(&'a str),
    /// Somebody else's.
    Foreign,
}

impl<'a> Standing<'a> {
    fn of(key: &'a Node) -> Self {
        let Value::Text(name) = &key.value else { return Self::Foreign };
        let (first, rest) = name.split_once('.').map_or((&**name, None), |(first, rest)| (first, Some(rest)));
        match rest {
            _ if first == "seccomp" => Self::ours(rest),
            None if Root::ALL.iter().any(|key| key.name() == first) => Self::Beside(name),
            _ if nearest(first, ["seccomp"]).is_some() => Self::Misspelled(rest),
            _ => Self::Foreign,
        }
    }

    fn is_ours(&self) -> bool {
        matches!(self, Self::Nested | Self::Dotted(_))
    }

    fn ours(rest: Option<&'a str>) -> Self {
        rest.map_or(Self::Nested, Self::Dotted)
    }
}

/// A misspelled `seccomp` would have no effect as a foreign key, so it is an error. Where the word is nowhere else, what
/// it holds is looked at as well.
fn report_misspelled(standing: &mut [Entry<'_>], problems: &mut Problems) {
    let found = standing.iter().any(|(standing, _, _)| standing.is_ours());
    for (standing, key, _) in standing {
        let (Standing::Misspelled(rest), Value::Text(name)) = (&*standing, &key.value) else { continue };
        let unknown = DocumentProblem::UnknownKey { key: name.clone(), known: vec!["seccomp"] };
        problems.report(key.place(), unknown);
        *standing = if found { Standing::Foreign } else { Standing::ours(*rest) };
    }
}

/// The fields of the mapping under `seccomp`, of which there is at most one.
fn nested<'a>(standing: &[Entry<'a>], problems: &mut Problems) -> Fields<'a, Root> {
    let mut nested = standing.iter().filter(|(standing, _, _)| matches!(standing, Standing::Nested));
    let Some((_, first, value)) = nested.next() else {
        let dotted = standing.iter().find(|(standing, _, _)| matches!(standing, Standing::Dotted(_)));
        let place = dotted.map_or(Place::POLICY, |(_, key, _)| key.place());
        return Fields::empty(place, Part::Policy, Root::ALL);
    };
    for (_, again, _) in nested {
        let first = first.place();
        let twice = DocumentProblem::DuplicateKey { key: "seccomp".to_owned(), synonym: None, first };
        problems.report(again.place(), twice);
    }
    Fields::new(first.place(), Part::Policy, value, Root::ALL, problems)
}
