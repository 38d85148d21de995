//! The JSON Schema of policies, made of the same tables as the compiler, so that an editor completes names and marks
//! what would be an error. It says less than the compiler does: a schema knows no architectures.

mod json;

use std::collections::BTreeSet;

use self::json::{Json, list, object, text};
use crate::diagnose::code::Code;
use crate::diagnose::diagnostic::Severity;
use crate::kernel::architecture::Architecture;
use crate::kernel::tables;
use crate::policy::Operation;
use crate::policy::parse::keys;

/// The JSON Schema (draft 7) of a policy file, for editors.
///
/// ```
/// let schema = seccomp_compiler::schema();
/// assert!(schema.starts_with("{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\""));
/// ```
pub fn schema() -> String {
    let root = object([
        ("$schema", text("http://json-schema.org/draft-07/schema#")),
        ("title", text("seccomp policy")),
        ("type", text("object")),
        ("if", is_embedded()),
        ("then", embedded()),
        ("else", all([reference("keys"), complete(required)])),
        ("definitions", definitions()),
    ]);
    format!("{root}\n")
}

/// Whether the policy is under `seccomp` or in dotted keys, beside keys that are none of ours.
fn is_embedded() -> Json {
    let no_dotted = object([("propertyNames", not(object([("pattern", text("^seccomp[.]"))])))]);
    any([required("seccomp"), not(no_dotted)])
}

fn embedded() -> Json {
    let dotted = |key: &str| format!("seccomp.{key}");
    let keys = || keys::ROOT.iter().copied();
    let mut properties = vec![("seccomp".to_owned(), reference("keys"))];
    properties.extend(keys().map(|key| (dotted(key), property(key))));
    let names: Vec<String> = keys().map(dotted).collect();
    let strange = not(object([("enum", list(names.iter().map(String::as_str)))]));
    let strange = object([("allOf", Json::Array(vec![object([("pattern", text("^seccomp[.]"))]), strange]))]);
    let beside = object([("enum", list(keys()))]);
    let within = |key: &str| {
        let nested = object([("required", list([key]))]);
        object([("required", list(["seccomp"])), ("properties", object([("seccomp", nested)]))])
    };
    let either = |key: &str| any([required(&dotted(key)), within(key)]);
    let twice = keys().map(|key| all([required(&dotted(key)), within(key)]));
    object([
        ("properties", Json::Object(properties)),
        ("propertyNames", not(any([beside, strange]))),
        ("allOf", Json::Array(vec![complete(either), not(any(twice))])),
    ])
}

/// What a policy must have. Without a `default_action` it is one for others to include, and has none of the keys that
/// those must not have.
fn complete(has: impl Fn(&str) -> Json) -> Json {
    let policy = all([has("default_action"), any([has("syscalls"), has("include")])]);
    let own = keys::ROOT.iter().filter(|key| !keys::INCLUDED.contains(key) || **key == "default_action");
    let included = any([has("syscalls"), has("include"), has("expect")]);
    any([policy, all([not(any(own.map(|key| has(key)))), included])])
}

fn definitions() -> Json {
    object([
        ("keys", mapping(keys::ROOT.iter().map(|key| (*key, property(key))))),
        ("group", group(keys::GROUP)),
        ("expectation", group(keys::EXPECTATION)),
        ("entry", entry()),
        ("condition", condition()),
        ("action", action()),
        ("argument", argument()),
        ("value", value()),
        ("syscall", object([("enum", list(tables::syscalls().map(|syscall| syscall.name)))])),
        ("set", object([("enum", list(tables::sets().map(|(set, _)| set)))])),
        ("architectures", items(object([("enum", list(architectures()))]), true)),
    ])
}

/// What a key at the root takes.
fn property(key: &str) -> Json {
    let boolean = || object([("type", text("boolean"))]);
    let (words, takes) = match key {
        "enabled" => ("Whether the filter is installed at all; true by default.", boolean()),
        "default_action" => ("What happens to calls that no group matches.", reference("action")),
        "syscalls" => {
            ("The groups; the first that matches a call decides.", items(reference("group"), false))
        }
        "include" => ("Files whose groups follow, relative to this one.", list_of(path())),
        "architectures" => ("What the policy is meant for; all by default.", reference("architectures")),
        "compat" => ("Whether the kernel's other ABIs are covered too.", boolean()),
        "foreign_architecture" => {
            ("What happens to calls of ABIs that are not covered.", reference("action"))
        }
        "newer_syscalls" => ("What happens to calls that are newer than the table.", reference("action")),
        "flags" => ("The kernel's filter flags; [tsync] by default.", flags()),
        "no_new_privs" => ("Whether new privileges are given up first; true by default.", boolean()),
        "expect" => ("What is relied on, proved.", list_of(reference("expectation"))),
        _ => ("Warnings that there is a reason for.", list_of(allowed_warning())),
    };
    object([("description", text(words)), ("allOf", Json::Array(vec![takes]))])
}

fn path() -> Json {
    object([("type", text("string")), ("pattern", text(r"^[^/\\]([^:]|$)"))])
}

fn flags() -> Json {
    let flag = object([("enum", list(["tsync", "log", "spec_allow"]))]);
    object([("type", text("array")), ("items", flag), ("uniqueItems", Json::Bool(true))])
}

fn allowed_warning() -> Json {
    let warnings = Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
    mapping(warnings.map(|code| (code.name(), object([("type", text("string"))]))))
}

/// A group, or an expectation, by its keys.
fn group(keys: &[&'static str]) -> Json {
    let property = |key: &&'static str| {
        let takes = match *key {
            "names" => {
                let name = any([reference("syscall"), reference("set")]);
                object([("type", text("array")), ("items", name), ("uniqueItems", Json::Bool(true))])
            }
            "names_with_args" => list_of(reference("entry")),
            "action" => reference("action"),
            "architectures" => reference("architectures"),
            _ => object([("type", text("boolean"))]),
        };
        (*key, takes)
    };
    let filled = |key: &'static str| {
        let some = object([("minItems", Json::Number(1))]);
        object([("required", list([key])), ("properties", object([(key, some)]))])
    };
    mapping(keys.iter().map(property))
        .with("required", list(["action"]))
        .with("anyOf", Json::Array(vec![filled("names"), filled("names_with_args")]))
}

fn entry() -> Json {
    let arguments = items(reference("condition"), false).with("maxItems", Json::Number(6));
    mapping([("name", reference("syscall")), ("arguments", arguments)])
        .with("required", list(keys::ENTRY.iter().copied()))
}

/// By number, or by a name that some call has for one of its arguments.
fn argument() -> Json {
    let position =
        object([("type", text("integer")), ("minimum", Json::Number(0)), ("maximum", Json::Number(5))]);
    any([position, object([("enum", list(argument_names()))])])
}

fn argument_names() -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    for syscall in tables::syscalls() {
        let signatures = Architecture::all().filter_map(|of| syscall.signature(of.table));
        for argument in signatures.flatten().filter(|argument| argument.name != "-") {
            names.insert(argument.name);
            names.extend(tables::manual_names(syscall.name, argument.name));
        }
    }
    names
}

fn condition() -> Json {
    let property = |key: &&'static str| {
        let takes = match *key {
            "operation" => operation(),
            "width" => object([("enum", Json::Array([16, 32, 64].map(Json::Number).to_vec()))]),
            "argument" | "position" => reference("argument"),
            _ => reference("value"),
        };
        (*key, takes)
    };
    let one = Json::Array(vec![required("argument"), required("position")]);
    let masked = object([(
        "properties",
        object([("operation", object([("pattern", text(&in_any_case("MaskedEqual")))]))]),
    )]);
    mapping(keys::CONDITION.iter().map(property))
        .with("required", list(["operation"]))
        .with("oneOf", one)
        .with("if", masked)
        .with("then", required("mask"))
        .with("else", not(required("mask")))
}

fn operation() -> Json {
    let names = Operation::ALL.map(Operation::name);
    let any_case = names.map(|name| object([("pattern", text(&in_any_case(name)))]));
    let listed = object([("enum", list(names))]);
    object([("type", text("string"))])
        .with("anyOf", Json::Array(core::iter::once(listed).chain(any_case).collect()))
}

/// The usual spellings to complete, and a pattern for the others.
fn action() -> Json {
    let errnos = || tables::errnos().map(|errno| errno.name);
    let plain = keys::ACTIONS.iter().map(|action| (*action).to_owned());
    let errors: Vec<String> = plain.chain(errnos().map(|name| format!("errno({name})"))).collect();
    let in_case = |name: &str| in_any_case(name).trim_matches(['^', '$']).to_owned();
    let alone: Vec<String> = keys::ACTIONS.iter().map(|action| in_case(action)).collect();
    let number = "(0[xX][0-9a-fA-F]+|0o[0-7]+|0b[01]+|[1-9][0-9]*|0)";
    let errno =
        format!(r"{} *\( *({}|{number}) *\)", in_case("errno"), errnos().collect::<Vec<_>>().join("|"));
    let data = format!(r"({}|{}) *\( *{number} *\)", in_case("trap"), in_case("trace"));
    let patterns = [format!("^({})$", alone.join("|")), format!("^{errno}$"), format!("^{data}$")];
    let patterns = patterns.map(|pattern| object([("pattern", text(&pattern))]));
    let listed = object([("enum", list(errors.iter().map(String::as_str)))]);
    object([("type", text("string"))])
        .with("anyOf", Json::Array(core::iter::once(listed).chain(patterns).collect()))
}

/// A number, a constant, or several joined by `|`.
fn value() -> Json {
    let integer = object([
        ("type", text("integer")),
        ("minimum", Json::Number(i64::MIN.into())),
        ("maximum", Json::Number(u64::MAX.into())),
    ]);
    let number = "[-+]?(0[xX][0-9a-fA-F]+|0o[0-7]+|0b[01]+|[1-9][0-9]*|0)";
    let term = format!("([A-Za-z_][A-Za-z0-9_]*|{number})");
    let joined = format!(r"^\s*{term}(\s*[|]\s*{term})+\s*$");
    any([
        integer,
        object([("enum", list(tables::constants().map(|constant| constant.name)))]),
        object([("type", text("string")), ("pattern", text(&format!("^{number}$")))]),
        object([("type", text("string")), ("pattern", text(&joined))]),
    ])
}

/// The usual names of the architectures first, then the others.
fn architectures() -> impl Iterator<Item = &'static str> {
    let aliases = Architecture::all().flat_map(|of| of.aliases.iter().copied());
    let targets = Architecture::all().flat_map(|of| of.targets().iter().copied());
    Architecture::all().map(Architecture::name).chain(aliases).chain(targets)
}

/// A pattern for a name in any letter case.
fn in_any_case(name: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphabetic() {
        true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        false => c.to_string(),
    };
    format!("^{}$", name.chars().map(letter).collect::<String>())
}

fn reference(definition: &str) -> Json {
    object([("$ref", text(&format!("#/definitions/{definition}")))])
}

fn required(key: &str) -> Json {
    object([("required", list([key]))])
}

fn not(schema: Json) -> Json {
    object([("not", schema)])
}

fn any(schemas: impl IntoIterator<Item = Json>) -> Json {
    object([("anyOf", Json::Array(schemas.into_iter().collect()))])
}

fn all(schemas: impl IntoIterator<Item = Json>) -> Json {
    object([("allOf", Json::Array(schemas.into_iter().collect()))])
}

/// A mapping with these keys and no others.
fn mapping(properties: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    let properties = properties.into_iter().map(|(key, takes)| (key.to_owned(), takes)).collect();
    object([
        ("type", text("object")),
        ("properties", Json::Object(properties)),
        ("additionalProperties", Json::Bool(false)),
    ])
}

fn list_of(item: Json) -> Json {
    object([("type", text("array")), ("items", item)])
}

/// A list of one item at least.
fn items(item: Json, unique: bool) -> Json {
    let list = list_of(item).with("minItems", Json::Number(1));
    if unique { list.with("uniqueItems", Json::Bool(true)) } else { list }
}
