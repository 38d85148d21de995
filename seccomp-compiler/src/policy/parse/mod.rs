//! Policy text to [`Policy`]: everything that can be said without knowing the architecture.
//!
//! It returns what it could understand together with its problems, so that the next stage finds the others and
//! the author sees all of them at once.

pub(crate) mod action;
mod condition;
mod fields;
mod group;
mod profile;
mod read;
mod root;

use self::fields::items;
use crate::diagnose::code::Code;
use crate::diagnose::diagnostic::{Problems, Severity};
use crate::diagnose::problem::Problem;
use crate::document::source::{Place, SourceFile, Sources, Span};
use crate::document::yaml::{self, Node, Refusal, Value};
use crate::kernel::architecture::Architecture;
use crate::policy::keys::{Key as _, Root};
use crate::policy::{AllowedWarning, Flag, Flags, Group, Placed, Policy};

/// How many bytes a policy may have with all that it includes.
const MAX_BYTES: usize = 256 * 1024;

/// The bytes of the file that a policy names, or why there are none. Names are those of the policy and the paths in
/// it, joined: `policies/base.yaml` for `base.yaml` in `policies/server.yaml`.
pub type Load<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

/// What is answered to who was given no files to read.
pub(crate) fn no_files(_: &str) -> Result<Vec<u8>, String> {
    Err("files are not read here".to_owned())
}

/// The policy in `file`, with what it includes.
pub(crate) fn parse(file: SourceFile, load: Load<'_>, problems: &mut Problems) -> (Policy, Sources) {
    let mut reader = Reader { load, sources: Sources::new(file), next: 0, bytes: 0, problems };
    let policy = reader.file(0, &mut vec![0]).unwrap_or_default();
    if policy.groups.is_empty() && !reader.problems.has_errors() {
        let missing = Problem::MissingKey { key: Root::Syscalls.name(), of: "the policy" };
        reader.problems.report(Place::Node(0), missing);
    }
    (policy, reader.sources)
}

/// Reads a policy's files, each once, in the order in which they count.
struct Reader<'a> {
    load: Load<'a>,
    sources: Sources,
    /// The number of the next node.
    next: usize,
    /// How many bytes were read.
    bytes: usize,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    /// Reads a file, with the groups and expectations of those that it includes; `chain` leads from the policy to it.
    fn file(&mut self, index: usize, chain: &mut Vec<usize>) -> Option<Policy> {
        let document = match self.document(index) {
            Ok(document) => document,
            Err(error) => {
                self.problems.report(error.0, error.1);
                return None;
            }
        };
        let role = if index == 0 { Role::Policy } else { Role::Included };
        let mut policy = one_file(&document, role, self.problems)?;
        for path in &policy.include {
            if let Some(included) = self.include(index, path, chain) {
                policy.groups.extend(included.groups);
                policy.expectations.extend(included.expectations);
            }
        }
        Some(policy)
    }

    fn include(&mut self, including: usize, path: &Placed<String>, chain: &mut Vec<usize>) -> Option<Policy> {
        // That was said, and by links the files of one folder can have names without end.
        if self.bytes > MAX_BYTES {
            return None;
        }
        let problem = match join(self.sources.get(including).name(), &path.value) {
            None => Problem::AbsoluteInclude { name: path.value.clone() },
            Some(name) => match self.sources.position(&name) {
                Some(known) if chain.contains(&known) => {
                    let names = chain.iter().chain([&known]).map(|file| self.sources.get(*file).name());
                    Problem::IncludeCycle { chain: names.map(str::to_owned).collect() }
                }
                // A file that was reached before counts where it was reached first.
                Some(_) => return None,
                None => match (self.load)(&name) {
                    Ok(bytes) => {
                        let index = self.sources.add(SourceFile::new(name, bytes), self.next);
                        chain.push(index);
                        let included = self.file(index, chain);
                        chain.pop();
                        return included;
                    }
                    Err(reason) => Problem::UnreadableInclude { name, reason },
                },
            },
        };
        self.problems.report(path.place, problem);
        None
    }

    fn document(&mut self, index: usize) -> Result<Node, Box<(Place, Problem)>> {
        let file = self.sources.get(index);
        let place = |span| Place::Span { file: index, span };
        let start = Span { line: 1, column: 1, length: 1 };
        self.bytes += file.bytes().len();
        if self.bytes > MAX_BYTES {
            let whole = Span::default();
            let too_large = Problem::TooLarge { bytes: self.bytes, limit: MAX_BYTES };
            return Err(Box::new((place(whole), too_large)));
        }
        let behind = |bytes: usize| place(behind(&String::from_utf8_lossy(&file.bytes()[..bytes])));
        let text = core::str::from_utf8(file.bytes())
            .map_err(|error| Box::new((behind(error.valid_up_to()), Problem::NotUtf8)))?;
        if let Some((at, character)) = hidden(text) {
            return Err(Box::new((behind(at), Problem::HiddenCharacter { character })));
        }
        match yaml::read(text, &mut self.next) {
            Ok(Some(document)) => Ok(document),
            Ok(None) => Err(Box::new((place(start), Problem::Empty))),
            Err(Refusal::TooDeep { span }) => {
                Err(Box::new((place(span), Problem::TooDeep { limit: yaml::MAX_DEPTH })))
            }
            Err(Refusal::Syntax { message, span, within }) => {
                Err(Box::new(syntax_error((index, file), message, span, within)))
            }
        }
    }
}

/// The name of the file at `path`, relative to the file `including`; none for an absolute path. `.` and `..` are
/// resolved as they stand, so that one file has one name.
fn join(including: &str, path: &str) -> Option<String> {
    let absolute = path.is_empty() || path.starts_with(['/', '\\']) || path.chars().nth(1) == Some(':');
    if absolute {
        return None;
    }
    let folder = including.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match (part, parts.last()) {
            (".", _) => {}
            ("", Some(_)) => {}
            ("..", Some(last)) if !["..", ""].contains(last) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    // The first part is empty for a relative folder as well as for the root of the file system.
    let name = parts.join("/");
    Some(if including.starts_with('/') { name } else { name.trim_start_matches('/').to_owned() })
}

/// The place behind a text.
fn behind(text: &str) -> Span {
    let line = text.matches('\n').count() + 1;
    let before = text.chars().rev().take_while(|c| *c != '\n');
    Span { line, column: before.filter(|c| *c != yaml::MARK).count() + 1, length: 1 }
}

/// The first character that is not shown as what it does: one that ends a line for YAML but not in an editor, turns
/// the order in which the text is shown, or that YAML does not take.
fn hidden(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let mut plain = 0;
    // Most texts are plain to the end, and without optimisation a byte takes a tenth of what a character does.
    while plain < bytes.len() && matches!(bytes[plain], b'\n' | b' '..=b'~') {
        plain += 1;
    }
    let mut rest = text[plain..].char_indices().map(|(at, character)| (plain + at, character));
    rest.find(|(at, character)| match character {
        '\t' | '\n' => false,
        '\r' => bytes.get(at + 1) != Some(&b'\n'),
        &yaml::MARK => *at != 0,
        character => is_misleading(*character),
    })
}

/// Whether a character is not shown as what it does: it ends a line for YAML but not in an editor, turns the order in
/// which the text is shown, or YAML does not take it.
pub(in crate::policy) fn is_misleading(character: char) -> bool {
    let turns_or_ends = matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns_or_ends || matches!(character, yaml::MARK | '\u{fffe}' | '\u{ffff}') || character.is_control()
}

/// What the YAML library could not read; a bare `@` and tabs are told from other mistakes, as they are the usual ones.
fn syntax_error(
    (index, file): (usize, &SourceFile),
    message: String,
    span: Span,
    within: Option<(Span, String)>,
) -> (Place, Problem) {
    let line = file.line(span.line);
    let rest = line.chars().skip(span.column.saturating_sub(1));
    let name: String = rest.take_while(|c| !c.is_whitespace() && !",]}".contains(*c)).collect();
    if name.starts_with('@') {
        let length = name.chars().count();
        return (Place::Span { file: index, span: Span { length, ..span } }, Problem::ReservedAt { name });
    }
    if line.chars().nth(span.column.saturating_sub(1)) == Some('\t') {
        return (Place::Span { file: index, span }, Problem::TabIndentation);
    }
    let within = within.map(|(span, text)| (Place::Span { file: index, span }, text));
    (Place::Span { file: index, span }, Problem::InvalidYaml { message, within })
}

/// What a file is for, which decides what it may and must say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Policy,
    Included,
    /// The one or the other, as its keys tell.
    Unknown,
}

/// What one file says; `None` where it is no policy at all.
fn one_file(document: &Node, role: Role, problems: &mut Problems) -> Option<Policy> {
    let fields = root::root(document, problems)?;
    let mut policy = Policy::default();
    let is_own = |key: Root| key == Root::DefaultAction || !Root::INCLUDED.contains(&key);
    let role = match role {
        Role::Unknown if fields.iter().any(|(key, _)| is_own(key)) => Role::Policy,
        Role::Unknown => Role::Included,
        known => known,
    };
    if role == Role::Policy {
        fields.required(Root::DefaultAction, problems);
    }
    let has = |key| fields.optional(key).is_some();
    let others_have_groups = has(Root::Include) || role == Role::Included && has(Root::Expect);
    if !others_have_groups {
        fields.required(Root::Syscalls, problems);
    }
    for (key, node) in fields.iter() {
        if role == Role::Included && !Root::INCLUDED.contains(&key) {
            problems.report(fields.place(key), Problem::KeyInInclude { key: key.name().to_owned() });
            continue;
        }
        match key {
            Root::Enabled => policy.enabled = boolean(node, problems).unwrap_or(true),
            // A whole policy can be included, and then its default is ignored.
            Root::DefaultAction if role == Role::Included => {}
            Root::DefaultAction => policy.default_action = action::parse(node, problems),
            Root::Syscalls => policy.groups = groups(node, fields.place(key), problems),
            Root::Include => {
                let paths = items(node, "a list of files", problems).unwrap_or_default();
                policy.include =
                    paths.iter().filter_map(|node| text(node, "the path of a file", problems)).collect();
            }
            Root::Architectures => policy.architectures = Some(architectures(node, problems)),
            Root::Compat => policy.compat = boolean(node, problems).unwrap_or(false),
            Root::ForeignArchitecture => policy.foreign_architecture = action::parse(node, problems),
            Root::NewerSyscalls => policy.newer_syscalls = action::parse(node, problems),
            Root::Flags => policy.flags = flags(node, problems),
            Root::NoNewPrivs => policy.no_new_privs = boolean(node, problems).unwrap_or(true),
            Root::Expect => {
                let expected = items(node, "a list of expectations", problems).unwrap_or_default();
                policy.expectations =
                    expected.iter().map(|node| group::expectation(node, problems)).collect();
            }
            Root::AllowWarnings => policy.allowed_warnings = allowed_warnings(node, problems),
        }
    }
    Some(policy)
}

fn groups(node: &Node, key: Place, problems: &mut Problems) -> Vec<Group> {
    let groups = items(node, "a list of groups", problems);
    if groups.is_some_and(<[Node]>::is_empty) {
        let remedy = "write at least one group: `- action: errno` with `names:`";
        problems.report(key, Problem::EmptyList { of: "the list `syscalls`", remedy });
    }
    groups.unwrap_or_default().iter().map(|node| group::group(node, problems)).collect()
}

/// `[code: reason]`: warnings that the author has thought about.
fn allowed_warnings(node: &Node, problems: &mut Problems) -> Vec<AllowedWarning> {
    let mut allowed = Vec::new();
    let mut seen: Vec<Placed<String>> = Vec::new();
    for node in items(node, "a list of warnings with reasons, `[code: reason]`", problems).unwrap_or_default()
    {
        let Value::Mapping(entries) = &node.value else {
            problems
                .report(Place::Node(node.id), wrong_type("a warning with a reason, `code: reason`", node));
            continue;
        };
        for (key, reason) in entries {
            let Some(name) = text(key, "the code of a warning", problems) else { continue };
            let reason = text(reason, "a reason in words", problems);
            if let Some(reason) = reason.as_ref().filter(|reason| reason.value.trim().is_empty()) {
                let nothing = Problem::WrongType { expected: "a reason in words", found: "nothing" };
                problems.report(reason.place, nothing);
            }
            if let Some(first) = seen.iter().find(|other| other.value == name.value) {
                let again = Problem::RepeatedItem { item: name.value.clone(), first: first.place };
                problems.report(name.place, again);
            }
            seen.push(name.clone());
            let warnings = || Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
            match warnings().find(|code| code.name() == name.value) {
                Some(code) => {
                    let reason = reason.map(|reason| reason.value).unwrap_or_default();
                    allowed.push(AllowedWarning { code: *code, reason });
                }
                None => problems.report(name.place, Problem::UnknownWarning { text: name.value }),
            }
        }
    }
    allowed
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
            problems.report(name.place, Problem::UnknownArchitecture { text: name.value });
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
    let mut flags = Vec::new();
    let mut seen: Vec<Placed<String>> = Vec::new();
    for node in items(node, "a list of flags", problems).unwrap_or_default() {
        let Some(flag) = text(node, "a flag", problems) else { continue };
        match Flag::find(&flag.value) {
            Some(found) if found.needs_supervisor() => {
                problems.report(flag.place, Problem::FlagNeedsSupervisor { flag: found.name() });
            }
            Some(found) => flags.push(found),
            None => problems.report(flag.place, Problem::UnknownFlag { text: flag.value.clone() }),
        }
        if let Some(first) = seen.iter().find(|other| other.value == flag.value) {
            problems
                .report(flag.place, Problem::RepeatedItem { item: flag.value.clone(), first: first.place });
        }
        seen.push(flag);
    }
    flags.into_iter().collect()
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
