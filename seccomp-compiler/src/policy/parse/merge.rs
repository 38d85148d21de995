//! Merge keys: `<<: *defaults` gives a mapping the fields of another, or of each in a list.
//!
//! YAML 1.1 says that a mapping's own fields win over merged ones. Beats' parser takes the last in the order of the file.
//! They agree where `<<` comes first, and where a list of mappings is merged, of which the first wins. Anything on which
//! they disagree is an error.

use std::collections::BTreeMap;

use super::scalar::wrong_type;
use crate::diagnose::document::{DocumentProblem, Expected};
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::document::yaml::{Node, Value};

/// A key with its value.
pub(super) type Pair<'a> = (&'a Node, &'a Node);

/// The entries of a mapping, with those that it merges in place of its merge keys. Of the merged keys only those that
/// are `relevant` can be ambiguous: what another program has in its configuration is its own affair.
pub(super) fn entries<'a>(
    mapping: &'a [(Node, Node)],
    relevant: fn(&str) -> bool,
    problems: &mut Problems,
) -> Vec<Pair<'a>> {
    let is_merge = |key: &Node| matches!(key.value, Value::Merge);
    let own = mapping.iter().filter(|(key, _)| !is_merge(key)).map(|(key, value)| (key, value));
    let mut found: Vec<Pair<'a>> = own.collect();
    if found.len() == mapping.len() {
        return found;
    }
    let mut given = BTreeMap::new();
    for (key, _) in &found {
        if let Value::Text(name) = &key.value {
            given.entry(name.as_str()).or_insert(key.id);
        }
    }
    for (merge, value) in mapping.iter().filter(|(key, _)| is_merge(key)) {
        let merged = merged(value, relevant, problems);
        for (name, (key, value)) in merged {
            match given.get(name) {
                // Given after the merge key, so it wins for both.
                Some(own) if *own > merge.id => {}
                Some(own) if relevant(name) => {
                    let (key, first) = (name.to_owned(), Place::node(*own));
                    problems.report(merge.place(), DocumentProblem::AmbiguousMerge { key, first });
                }
                Some(_) => {}
                None => {
                    // The next merge key comes after this one.
                    given.insert(name, merge.id);
                    found.push((key, value));
                }
            }
        }
    }
    found
}

/// The fields of the mapping, or of the mappings in a list, after a merge key.
fn merged<'a>(
    node: &'a Node,
    relevant: fn(&str) -> bool,
    problems: &mut Problems,
) -> BTreeMap<&'a str, Pair<'a>> {
    let sources = match &node.value {
        Value::Sequence(nodes) => nodes.as_slice(),
        _ => core::slice::from_ref(node),
    };
    let mut merged = BTreeMap::new();
    for source in sources {
        let Value::Mapping(mapping) = &source.value else {
            problems.report(source.place(), wrong_type(Expected::A("a mapping to merge"), source));
            continue;
        };
        let mut seen = BTreeMap::new();
        for (key, value) in entries(mapping, relevant, problems) {
            let Value::Text(name) = &key.value else {
                problems.report(key.place(), wrong_type(Expected::A("a key (a string)"), key));
                continue;
            };
            if let Some(first) = seen.insert(name.as_str(), key.place())
                && relevant(name)
            {
                let key_name = name.clone();
                problems.report(
                    key.place(),
                    DocumentProblem::DuplicateKey { key: key_name, synonym: None, first },
                );
            }
            merged.entry(name.as_str()).or_insert((key, value));
        }
    }
    merged
}
