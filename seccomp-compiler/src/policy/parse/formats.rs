//! Files of other tools that are given as a policy.

use crate::diagnose::document::OtherFormat;
use crate::document::yaml::{Node, Value};
use crate::kernel::tables;

/// The tool that a document which is no policy is for, if it can be told.
pub(super) fn of_document(document: &Node) -> Option<OtherFormat> {
    let entries = match &document.value {
        Value::Mapping(entries) => entries,
        Value::Text(text) => return of_text(text),
        _ => return None,
    };
    let within = |outer: &str, inner: &str| get(document, outer).and_then(|node| get(node, inner));
    if get(document, "defaultAction").is_some()
        || within("linux", "seccomp").is_some()
        || within("spec", "defaultAction").is_some()
    {
        return Some(OtherFormat::Oci);
    }
    if entries.iter().any(|(_, thread)| get(thread, "filter_action").is_some()) {
        return Some(OtherFormat::Firecracker);
    }
    let is_rule = |(key, value): &(Node, Node)| match (&key.value, &value.value) {
        (Value::Text(name), Value::Integer(_) | Value::Text(_)) => is_call(name),
        _ => false,
    };
    (!entries.is_empty() && entries.iter().all(is_rule)).then_some(OtherFormat::Minijail)
}

/// The same for a text that is no YAML, or nothing but words.
pub(super) fn of_text(text: &str) -> Option<OtherFormat> {
    let mut lines =
        text.lines().map(str::trim_ascii).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let begins = |begin: &str| lines.clone().any(|line| line.starts_with(begin));
    if begins("SystemCallFilter=") || begins("[Service]") || begins("[Unit]") {
        return Some(OtherFormat::Systemd);
    }
    if text.contains("\"defaultAction\"") {
        return Some(OtherFormat::Oci);
    }
    if begins("POLICY ") || begins("USE ") && text.contains('{') {
        return Some(OtherFormat::Kafel);
    }
    // A list of calls with numbers may be a profile as well.
    let is_typical = lines.clone().any(|line| line.starts_with('@') || line.contains(" arg"));
    let is_rule = |line: &str| {
        let name = line.split([':', ' ']).next().unwrap_or_default();
        name.starts_with('@') || is_call(name)
    };
    (is_typical && lines.all(is_rule)).then_some(OtherFormat::Minijail)
}

/// Whether a name is that of a call, and not that of the key under which a policy may be.
fn is_call(name: &str) -> bool {
    name != "seccomp" && tables::syscall(name).is_some()
}

fn get<'a>(node: &'a Node, wanted: &str) -> Option<&'a Node> {
    let Value::Mapping(entries) = &node.value else { return None };
    let (_, value) =
        entries.iter().find(|(key, _)| matches!(&key.value, Value::Text(name) if name == wanted))?;
    Some(value)
}
