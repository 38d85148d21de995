//! Values without parts.

use crate::diagnose::document::{DocumentProblem, Expected};
use crate::diagnose::problems::Problems;
use crate::document::yaml::{Kind, Node, Value};
use crate::policy::Placed;

pub(super) fn boolean(node: &Node, problems: &mut Problems) -> Option<bool> {
    if let Value::Bool(value) = node.value {
        return Some(value);
    }
    problems.report(node.place(), wrong_type(Expected::A("`true` or `false`"), node));
    None
}

/// A string; `expected` says what it is, with its article.
pub(super) fn string(node: &Node, expected: &'static str, problems: &mut Problems) -> Option<Placed<String>> {
    if let Value::Text(value) = &node.value {
        return Some(Placed { value: value.clone(), place: node.place() });
    }
    problems.report(node.place(), wrong_type(Expected::A(expected), node));
    None
}

pub(super) fn wrong_type(expected: Expected, node: &Node) -> DocumentProblem {
    let found = match &node.value {
        Value::Text(text) if text.contains("${") => Kind::Variable,
        value => value.kind(),
    };
    DocumentProblem::WrongType { expected, found }
}
