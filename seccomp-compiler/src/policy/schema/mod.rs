//! The JSON Schema of policies, made of the same tables as the compiler, so that an editor completes names and marks
//! what would be an error. It says less than the compiler does: a schema knows no architectures.

mod calls;
mod json;
mod pattern;

use self::json::{Json, list, object, text};
use self::pattern::{NUMBER, in_any_case, one_of};
use crate::diagnose::code::Code;
use crate::kernel::architecture::Architecture;
use crate::kernel::effects::Effect;
use crate::kernel::tables;
use crate::policy::keys::{CALLS, Condition, Entry, Group, Key, Root, Takes};
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
    let without_rules = ["default_action", "syscalls"].map(&has);
    let only_off = all([off, not(any(without_rules))]);
    let is_in_part = |key: &&Root| Root::PART.contains(key);
    let (in_part, others): (Vec<&Root>, Vec<&Root>) = Root::ALL.iter().partition(is_in_part);
    let named = |keys: Vec<&Root>| any(keys.into_iter().map(|key| has(key.name())));
    let whole = all([has("default_action"), has("syscalls")]);
    let own = object([("if", named(others)), ("then", whole), ("else", named(in_part))]);
    object([("if", any([has("include"), only_off])), ("else", own)])
}

fn definitions() -> Json {
    let common = [
        ("keys", mapping(properties(Root::ALL, Root::takes, Root::sentence))),
        ("group", group(Group::RULES)),
        ("expectation", expectation()),
        ("entry", entry()),
        ("condition", condition()),
        ("action", action(&[])),
        ("promise", action(Promise::ALL)),
        ("value", value()),
        (
            "syscall",
            known(
                tables::syscalls().map(|syscall| syscall.name),
                "not a system call on any Linux architecture",
            ),
        ),
        ("name", name()),
        ("effect", effect()),
        ("architectures", items(known(architectures(), "not an architecture with seccomp filters"), true)),
    ];
    let common = common.into_iter().map(|(name, definition)| (name.to_owned(), definition));
    Json::Object(common.chain(calls::definitions()).collect())
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
        Takes::Names => list_of(reference("name")).with("uniqueItems", Json::Bool(true)),
        Takes::Entries => list_of(reference("entry")),
        Takes::Syscall => reference("syscall"),
        Takes::Conditions => items(reference("condition"), false).with("maxItems", Json::Number(6)),
        Takes::Argument => object([("type", list(["integer", "string"]))]),
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
    let flag = known(flags.map(|flag| flag.name()), "not a flag of a filter");
    list_of(flag).with("uniqueItems", Json::Bool(true))
}

fn allowed_warning() -> Json {
    let warnings = Code::warnings().map(|code| (code.name(), object([("type", text("string"))])));
    let calls = object([
        ("description", text("The calls that the warning is about; all by default.")),
        ("allOf", Json::Array(vec![list_of(reference("syscall")).with("uniqueItems", Json::Bool(true))])),
    ]);
    mapping(warnings.chain([(CALLS, calls)]))
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
    let action = object([
        ("description", text(Group::Action.sentence())),
        ("allOf", Json::Array(vec![reference("promise")])),
    ]);
    let others = Group::EXPECTATION.iter().copied().filter(|key| *key != Group::Action).collect::<Vec<_>>();
    let properties = properties(&others, Group::takes, Group::sentence).chain([("action", action)]);
    filled_group(mapping(properties.collect::<Vec<_>>()))
}

/// One of these names, with what an editor says of any other: otherwise it lists them all.
fn known<'a>(names: impl IntoIterator<Item = &'a str>, otherwise: &str) -> Json {
    object([("enum", list(names)), ("errorMessage", text(otherwise))])
}

/// The schema with names that an editor offers, although it takes others too.
fn suggested<'a>(schema: Json, names: impl IntoIterator<Item = &'a str>) -> Json {
    schema.with("anyOf", Json::Array(vec![object([("enum", list(names))]), Json::Bool(true)]))
}

/// The sets first, each with what it is for.
fn name() -> Json {
    let sets = || tables::sets().map(|(set, _)| set);
    let purposes = sets().filter_map(tables::set_purpose);
    let names = sets().chain(tables::syscalls().map(|syscall| syscall.name));
    known(names, "neither a system call on any Linux architecture nor a set")
        .with("enumDescriptions", list(purposes))
}

/// Each with its meaning.
fn effect() -> Json {
    let meanings: Vec<String> =
        Effect::all().map(|effect| format!("Lets a program {}.", effect.meaning)).collect();
    known(Effect::all().map(|effect| effect.name), "not an effect")
        .with("enumDescriptions", list(meanings.iter().map(String::as_str)))
}

fn entry() -> Json {
    let names = Entry::ALL.iter().map(|key| key.name());
    mapping(properties(Entry::ALL, Entry::takes, Entry::sentence))
        .with("required", list(names))
        .with("allOf", calls::branches())
}

/// The names of its argument and of constants depend on the call.
fn condition() -> Json {
    let masked = object([(
        "properties",
        object([("operation", object([("pattern", text(&format!("^{}$", in_any_case("MaskedEqual"))))]))]),
    )]);
    let mask = object([("if", masked), ("then", required("mask")), ("else", not(required("mask")))]);
    let one = object([
        ("if", required("position")),
        ("then", not(required("argument"))),
        ("else", required("argument")),
    ]);
    mapping(properties(Condition::ALL, Condition::takes, Condition::sentence))
        .with("required", list(["operation"]))
        .with("allOf", Json::Array(vec![one, mask]))
}

fn operation() -> Json {
    let names = || Operation::ALL.iter().map(|operation| operation.name());
    let any_case: Vec<String> = names().map(in_any_case).collect();
    let operation = object([
        ("type", text("string")),
        ("pattern", text(&format!("^({})$", any_case.join("|")))),
        ("errorMessage", text("not an operation")),
    ]);
    suggested(operation, names())
}

/// The usual spellings to complete, and a pattern for all. In an expectation, promises are actions too.
fn action(promises: &[Promise]) -> Json {
    let errnos = || tables::errnos().map(|errno| errno.name);
    let names = || ActionKind::ALL.iter().rev().map(|kind| kind.name());
    let promises = || promises.iter().map(|promise| promise.name());
    let taking =
        |data| ActionKind::ALL.iter().filter(move |kind| kind.takes() == data).map(|kind| kind.name());
    let any_case = |names: Vec<&str>| names.into_iter().map(in_any_case).collect::<Vec<_>>().join("|");
    let with_errno = |name: &str| errnos().map(|errno| format!("{name}({errno})")).collect::<Vec<_>>();
    let with_errno: Vec<String> = taking(ActionData::Errno(())).flat_map(with_errno).collect();
    let spellings = promises().chain(names()).chain(with_errno.iter().map(String::as_str));
    let number = format!("[+]?{NUMBER}");
    let plain = any_case(names().chain(promises()).collect());
    let errno = any_case(taking(ActionData::Errno(())).collect());
    let data = any_case(taking(ActionData::Number(0)).collect());
    let pattern =
        format!(r"^({plain}|({errno}) *\( *({}|{number}) *\)|({data}) *\( *{number} *\))$", one_of(errnos()));
    let action = object([
        ("type", text("string")),
        ("pattern", text(&pattern)),
        ("errorMessage", text("not an action; actions are such as `allow` or `errno(ENOSYS)`")),
    ]);
    suggested(action, spellings)
}

/// A number, a constant, or several joined by `|`.
fn value() -> Json {
    let constants = one_of(tables::constants().map(|constant| constant.name));
    object([
        ("type", list(["integer", "string"])),
        ("minimum", Json::Number(i64::MIN.into())),
        ("maximum", Json::Number(u64::MAX.into())),
        // The terms, each at the beginning or behind a `|`, so that the constants are here once.
        ("pattern", text(&format!(r"^((^|[|])\s*({constants}|[-+]?{NUMBER})\s*)+$"))),
        (
            "errorMessage",
            text("neither an integer of 64 bits nor known constants, such as `AF_UNIX` or `O_RDWR | O_SYNC`"),
        ),
    ])
}

/// The usual names of the architectures first, then the others.
fn architectures() -> impl Iterator<Item = &'static str> {
    let aliases = Architecture::all().flat_map(|abi| abi.aliases.iter().copied());
    let targets = Architecture::all().flat_map(|abi| abi.targets().iter().copied());
    Architecture::all().map(Architecture::name).chain(aliases).chain(targets)
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
