//! The JSON Schema of policies, made of the same tables as the compiler, so that an editor completes names and marks
//! what would be an error. It says less than the compiler does: a schema knows no architectures.

mod json;

use std::collections::BTreeSet;

use self::json::{Json, list, object, text};
use crate::diagnose::code::Code;
use crate::kernel::architecture::Architecture;
use crate::kernel::effects::Effect;
use crate::kernel::tables;
use crate::policy::keys::{Condition, Entry, Group, Key, Root, Takes};
use crate::policy::{ActionData, ActionKind, Flag, Operation, Promise};

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
        ("else", all([reference("keys"), complete(required, off())])),
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
    let keys = || Root::ALL.iter().map(|key| key.name());
    let mut properties = vec![("seccomp".to_owned(), reference("keys"))];
    let of_root = Root::ALL.iter().map(|key| (dotted(key.name()), property(key.takes(), key.sentence())));
    properties.extend(of_root);
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
        ("allOf", Json::Array(vec![complete(either, off_embedded()), not(any(twice))])),
    ])
}

/// Whether the policy is switched off, at the root and in the other forms.
fn off() -> Json {
    required("enabled").with("properties", object([("enabled", object([("const", Json::Bool(false))]))]))
}

fn off_embedded() -> Json {
    let (off, dotted) = (object([("const", Json::Bool(false))]), "seccomp.enabled");
    let dotted = required(dotted).with("properties", object([(dotted, off)]));
    any([dotted, required("seccomp").with("properties", object([("seccomp", self::off())]))])
}

/// What a file must have, unless it includes others: `default_action` and `syscalls`. With `enabled: false` alone it is
/// complete. With groups or expectations alone it is part of a policy.
fn complete(has: impl Fn(&str) -> Json, off: Json) -> Json {
    let policy = all([has("default_action"), has("syscalls")]);
    let without_rules = ["default_action", "syscalls"].map(&has);
    let only_off = all([off, not(any(without_rules))]);
    let is_in_part = |key: &&Root| Root::PART.contains(key);
    let (in_part, others): (Vec<&Root>, Vec<&Root>) = Root::ALL.iter().partition(is_in_part);
    let named = |keys: Vec<&Root>| any(keys.into_iter().map(|key| has(key.name())));
    any([has("include"), policy, only_off, all([named(in_part), not(named(others))])])
}

fn definitions() -> Json {
    object([
        ("keys", mapping(properties(Root::ALL, Root::takes, Root::sentence))),
        ("group", group(Group::RULES)),
        ("expectation", expectation()),
        ("entry", entry()),
        ("condition", condition()),
        ("action", action()),
        ("argument", argument()),
        ("value", value()),
        ("syscall", object([("enum", list(tables::syscalls().map(|syscall| syscall.name)))])),
        ("effect", effect()),
        ("set", object([("enum", list(tables::sets().map(|(set, _)| set)))])),
        ("architectures", items(object([("enum", list(architectures()))]), true)),
    ])
}

/// The keys of a mapping, each with what stands behind it.
fn properties<K: Key>(
    keys: &[K],
    takes: impl Fn(K) -> Takes,
    sentence: impl Fn(K) -> &'static str,
) -> impl Iterator<Item = (&'static str, Json)> {
    keys.iter().map(move |key| (key.name(), property(takes(*key), sentence(*key))))
}

fn property(takes: Takes, sentence: &str) -> Json {
    object([("description", text(sentence)), ("allOf", Json::Array(vec![schema_of(takes)]))])
}

fn schema_of(takes: Takes) -> Json {
    match takes {
        Takes::Boolean => object([("type", text("boolean"))]),
        Takes::Action => reference("action"),
        Takes::Effects => items(reference("effect"), true),
        Takes::Groups => items(reference("group"), false),
        Takes::Expectations => list_of(reference("expectation")),
        Takes::Paths => list_of(path()),
        Takes::Architectures => reference("architectures"),
        Takes::Flags => flags(),
        Takes::Reasons => list_of(allowed_warning()),
        Takes::Names => {
            let name = any([reference("syscall"), reference("set")]);
            list_of(name).with("uniqueItems", Json::Bool(true))
        }
        Takes::Entries => list_of(reference("entry")),
        Takes::Syscall => reference("syscall"),
        Takes::Conditions => items(reference("condition"), false).with("maxItems", Json::Number(6)),
        Takes::Argument => reference("argument"),
        Takes::Operation => operation(),
        Takes::Value => reference("value"),
        Takes::Width => object([("enum", Json::Array([16, 32, 64].map(Json::Number).to_vec()))]),
    }
}

fn path() -> Json {
    object([("type", text("string")), ("pattern", text(r"^[^/\\]([^:]|$)"))])
}

fn flags() -> Json {
    let flags = Flag::ALL.iter().filter(|flag| !flag.needs_supervisor());
    let flag = object([("enum", list(flags.map(|flag| flag.name())))]);
    list_of(flag).with("uniqueItems", Json::Bool(true))
}

fn allowed_warning() -> Json {
    let warnings = Code::warnings();
    mapping(warnings.map(|code| (code.name(), object([("type", text("string"))]))))
}

/// A group by its keys.
fn group(keys: &[Group]) -> Json {
    filled_group(mapping(properties(keys, Group::takes, Group::sentence)))
}

/// A group with at least one call or effect.
fn filled_group(group: Json) -> Json {
    let filled = |key: &'static str| {
        let some = object([("minItems", Json::Number(1))]);
        object([("required", list([key])), ("properties", object([(key, some)]))])
    };
    group
        .with("required", list(["action"]))
        .with("anyOf", Json::Array(vec![filled("names"), filled("names_with_args"), filled("effects")]))
}

/// Beside the actions, it may only say whether calls are made.
fn expectation() -> Json {
    let promises = object([("enum", list(Promise::ALL.iter().map(|promise| promise.name())))]);
    let action = any([reference("action"), promises]);
    let action =
        object([("description", text(Group::Action.sentence()))]).with("allOf", Json::Array(vec![action]));
    let others = Group::EXPECTATION.iter().copied().filter(|key| *key != Group::Action).collect::<Vec<_>>();
    let properties = properties(&others, Group::takes, Group::sentence).chain([("action", action)]);
    filled_group(mapping(properties.collect::<Vec<_>>()))
}

/// Each with what it stands for, as an editor shows it.
fn effect() -> Json {
    any(Effect::all().map(|effect| {
        object([
            ("const", text(effect.name)),
            ("description", text(&format!("Lets a program {}.", effect.meaning))),
        ])
    }))
}

fn entry() -> Json {
    let names = Entry::ALL.iter().map(|key| key.name());
    mapping(properties(Entry::ALL, Entry::takes, Entry::sentence)).with("required", list(names))
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
        let signatures = Architecture::all().filter_map(|abi| syscall.signature(abi.table));
        for argument in signatures.flatten().filter(|argument| argument.name != "-") {
            names.insert(argument.name);
            names.extend(tables::manual_names(syscall.name, argument.name));
        }
    }
    names
}

fn condition() -> Json {
    let one = Json::Array(vec![required("argument"), required("position")]);
    let masked = object([(
        "properties",
        object([("operation", object([("pattern", text(&in_any_case("MaskedEqual")))]))]),
    )]);
    mapping(properties(Condition::ALL, Condition::takes, Condition::sentence))
        .with("required", list(["operation"]))
        .with("oneOf", one)
        .with("if", masked)
        .with("then", required("mask"))
        .with("else", not(required("mask")))
}

fn operation() -> Json {
    let names = || Operation::ALL.iter().map(|operation| operation.name());
    let any_case = names().map(|name| object([("pattern", text(&in_any_case(name)))]));
    let listed = object([("enum", list(names()))]);
    object([("type", text("string"))])
        .with("anyOf", Json::Array(core::iter::once(listed).chain(any_case).collect()))
}

/// The usual spellings to complete, and a pattern for the others.
fn action() -> Json {
    let errnos = || tables::errnos().map(|errno| errno.name);
    let names = || ActionKind::ALL.iter().rev().map(|kind| kind.name());
    let taking =
        |data| ActionKind::ALL.iter().filter(move |kind| kind.takes() == data).map(|kind| kind.name());
    let with_errno = |name: &str| errnos().map(|errno| format!("{name}({errno})")).collect::<Vec<_>>();
    let errors = taking(ActionData::Errno(())).flat_map(with_errno);
    let errors: Vec<String> = names().map(str::to_owned).chain(errors).collect();
    let in_case = |name: &str| in_any_case(name).trim_matches(['^', '$']).to_owned();
    let one_of = |names: Vec<&str>| names.into_iter().map(in_case).collect::<Vec<_>>().join("|");
    let number = format!("[+]?{NUMBER}");
    let errno = format!(
        r"{} *\( *({}|{number}) *\)",
        one_of(taking(ActionData::Errno(())).collect()),
        errnos().collect::<Vec<_>>().join("|")
    );
    let data = format!(r"({}) *\( *{number} *\)", one_of(taking(ActionData::Number(0)).collect()));
    let patterns = [format!("^({})$", one_of(names().collect())), format!("^{errno}$"), format!("^{data}$")];
    let patterns = patterns.map(|pattern| object([("pattern", text(&pattern))]));
    let listed = object([("enum", list(errors.iter().map(String::as_str)))]);
    object([("type", text("string"))])
        .with("anyOf", Json::Array(core::iter::once(listed).chain(patterns).collect()))
}

/// An integer without its sign.
const NUMBER: &str = "(0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*|0[oO][0-7]+(_[0-7]+)*|0[bB][01]+(_[01]+)*|\
     [1-9][0-9]*(_[0-9]+)*|0)";

/// A number, a constant, or several joined by `|`.
fn value() -> Json {
    let integer = object([
        ("type", text("integer")),
        ("minimum", Json::Number(i64::MIN.into())),
        ("maximum", Json::Number(u64::MAX.into())),
    ]);
    let number = format!("[-+]?{NUMBER}");
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
    let aliases = Architecture::all().flat_map(|abi| abi.aliases.iter().copied());
    let targets = Architecture::all().flat_map(|abi| abi.targets().iter().copied());
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
