//! Policy text to [`Policy`]: everything that can be said without knowing the architecture.
//!
//! It returns what it could understand together with its problems, so that the next stage finds the others and
//! the author sees all of them at once.

mod action;
mod condition;
mod fields;
pub(crate) mod yaml;

use self::fields::{Fields, items};
use self::yaml::{Node, Refusal, Value};
use crate::architecture::Architecture;
use crate::diagnostic::Problems;
use crate::policy::{Entry, Flags, Group, Placed, Policy};
use crate::problem::Problem;
use crate::source::{Place, SourceFile, Span};
use crate::spelling::nearest;

/// How many bytes a policy may have.
const MAX_BYTES: usize = 256 * 1024;

/// The policy in `file`.
pub(crate) fn parse(file: &SourceFile, problems: &mut Problems) -> Policy {
    let mut policy = Policy { enabled: true, no_new_privs: true, ..Policy::default() };
    match document(file) {
        Ok(document) => {
            policy.place = Some(Place::Node(document.id));
            if let Some(fields) = root(&document, problems) {
                fill(&mut policy, fields, problems);
            }
        }
        Err((place, problem)) => problems.report(place, problem),
    }
    policy
}

const ROOT_KEYS: &[&str] = &[
    "enabled",
    "default_action",
    "syscalls",
    "architectures",
    "foreign_architecture",
    "newer_syscalls",
    "flags",
    "no_new_privs",
];
const GROUP_KEYS: &[&str] = &["names", "names_with_args", "action", "architectures", "optional"];
const ENTRY_KEYS: &[&str] = &["name", "arguments"];

fn document(file: &SourceFile) -> Result<Node, (Place, Problem)> {
    let start = Span { line: 1, column: 1, length: 1 };
    let bytes = file.bytes();
    if bytes.len() > MAX_BYTES {
        return Err((
            Place::Span(Span::default()),
            Problem::TooLarge { bytes: bytes.len(), limit: MAX_BYTES },
        ));
    }
    let text = core::str::from_utf8(bytes).map_err(|error| {
        let sound = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = sound.matches('\n').count() + 1;
        let column = sound.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (Place::Span(Span { line, column, length: 1 }), Problem::NotUtf8)
    })?;
    match yaml::read(text) {
        Ok(Some(document)) => Ok(document),
        Ok(None) => Err((Place::Span(start), Problem::Empty)),
        Err(Refusal::TooDeep { span }) => {
            Err((Place::Span(span), Problem::TooDeep { limit: yaml::MAX_DEPTH }))
        }
        Err(Refusal::Syntax { message, span, within }) => Err(syntax_error(file, message, span, within)),
    }
}

/// What the YAML library could not read; a bare `@` is told from other mistakes, as the policy language has use for it.
fn syntax_error(
    file: &SourceFile,
    message: String,
    span: Span,
    within: Option<(Span, String)>,
) -> (Place, Problem) {
    let line = file.line(span.line);
    let rest = line.chars().skip(span.column.saturating_sub(1));
    let name: String = rest.take_while(|c| !c.is_whitespace() && !",]}".contains(*c)).collect();
    if name.starts_with('@') {
        let length = name.chars().count();
        return (Place::Span(Span { length, ..span }), Problem::ReservedAt { name });
    }
    let within = within.map(|(span, text)| (Place::Span(span), text));
    (Place::Span(span), Problem::InvalidYaml { message, within })
}

/// The policy's own fields, from whichever root form the file uses: the policy itself, a mapping under `seccomp`,
/// or dotted keys.
fn root<'a>(document: &'a Node, problems: &mut Problems) -> Option<Fields<'a>> {
    let Value::Mapping(entries) = &document.value else {
        problems.report(Place::Node(document.id), wrong_type("a policy, which is a mapping", document));
        return None;
    };
    let name = |key: &'a Node| if let Value::Text(name) = &key.value { Some(name.as_str()) } else { None };
    let ours = |key: &str| key == "seccomp" || key.starts_with("seccomp.");
    if !entries.iter().any(|(key, _)| name(key).is_some_and(ours)) {
        let place = entries.first().map_or(document.id, |(key, _)| key.id);
        return Some(Fields::new(Place::Node(place), "the policy", document, ROOT_KEYS, problems));
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
                fields = Some(Fields::new(Place::Node(key.id), "the policy", value, ROOT_KEYS, problems));
            }
            Some(path) if path.starts_with("seccomp.") => {
                let rest = &path["seccomp.".len()..];
                if rest.contains('.') {
                    problems.report(Place::Node(key.id), Problem::DeepDots { key: path.to_owned() });
                } else {
                    dotted.push((rest, key, value));
                }
            }
            Some(key_beside) if ROOT_KEYS.contains(&key_beside) => {
                problems
                    .report(Place::Node(key.id), Problem::KeyBesideSeccomp { key: key_beside.to_owned() });
                beside.push((key_beside, key, value));
            }
            _ => {}
        }
    }
    let first = dotted.first().map_or(document.id, |(_, key, _)| key.id);
    let mut fields = fields.unwrap_or_else(|| Fields::empty(Place::Node(first), "the policy", ROOT_KEYS));
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

fn fill(policy: &mut Policy, fields: Fields<'_>, problems: &mut Problems) {
    if let Some(node) = fields.optional("enabled") {
        policy.enabled = boolean(node, problems).unwrap_or(true);
    }
    if let Some(node) = fields.optional("no_new_privs") {
        policy.no_new_privs = boolean(node, problems).unwrap_or(true);
    }
    policy.default_action =
        fields.required("default_action", problems).and_then(|node| action::parse(node, problems));
    policy.foreign_architecture =
        fields.optional("foreign_architecture").and_then(|node| action::parse(node, problems));
    policy.newer_syscalls = fields.optional("newer_syscalls").and_then(|node| action::parse(node, problems));
    policy.architectures = fields.optional("architectures").map(|node| architectures(node, problems));
    if let Some(node) = fields.optional("flags") {
        policy.flags = flags(node, problems);
    }
    let Some(node) = fields.required("syscalls", problems) else { return };
    let groups = items(node, "a list of groups", problems);
    if groups.is_some_and(<[Node]>::is_empty) {
        let remedy = "write at least one group: `- action: errno` with `names:`";
        problems.report(fields.place("syscalls"), Problem::EmptyList { of: "the list `syscalls`", remedy });
    }
    policy.groups = groups.unwrap_or_default().iter().map(|node| group(node, problems)).collect();
}

fn group(node: &Node, problems: &mut Problems) -> Group {
    let fields = Fields::new(Place::Node(node.id), "the group", node, GROUP_KEYS, problems);
    let action = fields.required("action", problems).and_then(|node| action::parse(node, problems));
    let architectures = fields.optional("architectures").map(|node| architectures(node, problems));
    let optional = fields.optional("optional").and_then(|node| boolean(node, problems)).unwrap_or(false);
    let mut entries = Vec::new();
    let named = fields.optional("names").and_then(|node| items(node, "a list of names", problems));
    for node in named.unwrap_or_default() {
        if let Some(name) = text(node, "the name of a system call", problems) {
            entries.push(Entry { name, conditions: None });
        }
    }
    let conditioned = fields
        .optional("names_with_args")
        .and_then(|node| items(node, "a list of names with arguments", problems));
    for node in conditioned.unwrap_or_default() {
        entries.extend(conditioned_entry(node, problems));
    }
    let empty = |key| {
        fields.optional(key).is_none_or(|node| matches!(&node.value, Value::Sequence(of) if of.is_empty()))
    };
    if empty("names") && empty("names_with_args") && fields.sound() {
        let remedy = "name at least one system call in `names` or `names_with_args`";
        let list =
            ["names", "names_with_args"].into_iter().find_map(|key| fields.optional(key)).unwrap_or(node);
        problems.report(Place::Node(list.id), Problem::EmptyList { of: "the group", remedy });
    }
    repeated_names(&entries, problems);
    Group { action, architectures, optional, entries }
}

/// An entry of `names_with_args`; none where it has no name or no conditions to speak of.
fn conditioned_entry(node: &Node, problems: &mut Problems) -> Option<Entry> {
    let fields = Fields::new(Place::Node(node.id), "the entry", node, ENTRY_KEYS, problems);
    let name =
        fields.required("name", problems).and_then(|node| text(node, "the name of a system call", problems));
    let arguments = fields.required("arguments", problems)?;
    let conditions = items(arguments, "a list of conditions", problems)?;
    if conditions.is_empty() {
        let remedy = "to match the call whatever its arguments, list it in `names`";
        problems.report(fields.place("arguments"), Problem::EmptyList { of: "the list `arguments`", remedy });
    }
    if let Some(seventh) = conditions.get(6) {
        problems.report(Place::Node(seventh.id), Problem::TooManyConditions { count: conditions.len() });
    }
    let conditions: Vec<_> = conditions.iter().map(|node| condition::parse(node, problems)).collect();
    // A condition that was not understood has been reported, so an entry with fewer never becomes a filter.
    Some(Entry { name: name?, conditions: Some(conditions.into_iter().flatten().collect()) })
}

/// One name is listed once without conditions, or any number of times with them.
fn repeated_names(entries: &[Entry], problems: &mut Problems) {
    let mut seen: std::collections::HashMap<&str, &Entry> = std::collections::HashMap::new();
    for entry in entries {
        let Some(first) = seen.get(entry.name.value.as_str()) else {
            seen.insert(&entry.name.value, entry);
            continue;
        };
        let (name, place) = (entry.name.value.clone(), first.name.place);
        let problem = match (first.conditions.is_none(), entry.conditions.is_none()) {
            (false, false) => continue,
            (true, true) => Problem::RepeatedSyscall { name, first: place },
            _ => Problem::ConditionalTwin { name, first: place },
        };
        problems.report(entry.name.place, problem);
    }
}

fn architectures(node: &Node, problems: &mut Problems) -> Vec<Placed<&'static Architecture>> {
    let mut listed: Vec<Placed<&'static Architecture>> = Vec::new();
    let nodes = items(node, "a list of architectures", problems);
    if nodes.is_some_and(<[Node]>::is_empty) {
        let remedy = "name at least one architecture, or leave the key out for all of them";
        problems.report(Place::Node(node.id), Problem::EmptyList { of: "the list `architectures`", remedy });
    }
    for node in nodes.unwrap_or_default() {
        let Some(name) = text(node, "the name of an architecture", problems) else { continue };
        let Some(found) = Architecture::find(&name.value) else {
            let names = Architecture::all().map(Architecture::name);
            let nearest = nearest(&name.value, names);
            problems.report(name.place, Problem::UnknownArchitecture { text: name.value, nearest });
            continue;
        };
        match listed.iter().find(|other| other.value == found) {
            Some(first) => {
                problems.report(name.place, Problem::RepeatedItem { item: name.value, first: first.place });
            }
            None => listed.push(Placed { value: found, place: name.place }),
        }
    }
    listed
}

fn flags(node: &Node, problems: &mut Problems) -> Flags {
    const FLAGS: [&str; 4] = ["tsync", "log", "spec_allow", "wait_killable_recv"];
    let mut flags = Flags::NONE;
    let mut seen: Vec<Placed<String>> = Vec::new();
    for node in items(node, "a list of flags", problems).unwrap_or_default() {
        let Some(flag) = text(node, "a flag", problems) else { continue };
        match flag.value.as_str() {
            "tsync" => flags.tsync = true,
            "log" => flags.log = true,
            "spec_allow" => flags.spec_allow = true,
            "wait_killable_recv" => {
                problems.report(flag.place, Problem::FlagNeedsSupervisor { flag: "wait_killable_recv" });
            }
            _ => {
                let nearest = nearest(&flag.value, FLAGS);
                problems.report(flag.place, Problem::UnknownFlag { text: flag.value.clone(), nearest });
            }
        }
        if let Some(first) = seen.iter().find(|other| other.value == flag.value) {
            problems
                .report(flag.place, Problem::RepeatedItem { item: flag.value.clone(), first: first.place });
        }
        seen.push(flag);
    }
    flags
}

fn boolean(node: &Node, problems: &mut Problems) -> Option<bool> {
    if let Value::Bool(value) = node.value {
        return Some(value);
    }
    problems.report(Place::Node(node.id), wrong_type("`true` or `false`", node));
    None
}

fn text(node: &Node, expected: &'static str, problems: &mut Problems) -> Option<Placed<String>> {
    if let Value::Text(value) = &node.value {
        return Some(Placed { value: value.clone(), place: Place::Node(node.id) });
    }
    problems.report(Place::Node(node.id), wrong_type(expected, node));
    None
}

fn wrong_type(expected: &'static str, node: &Node) -> Problem {
    Problem::WrongType { expected, found: node.value.kind() }
}
