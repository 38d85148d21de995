//! The JSON Schema of policies, before a validator that is not ours: it takes what the compiler takes and refuses
//! what people mistype.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas, ValidationError};
use seccomp_compiler::Architecture;
use seccomp_tests::documents::{blocks, documents};
use seccomp_tests::is_kept;
use seccomp_tests::scratch::workspace;
use serde_json::Value;

struct Validator {
    schemas: Schemas,
    schema: SchemaIndex,
}

/// Made once for all tests, as it takes a while.
fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(Validator::new);
    &VALIDATOR
}

impl Validator {
    /// The schema, which is itself validated against that of draft 7, as it says that it is one.
    fn new() -> Self {
        const NAME: &str = "policy.schema.json";
        let schema: Value = serde_json::from_str(&seccomp_compiler::schema()).expect("the schema is JSON");
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        let mut compiler = Compiler::new();
        compiler.add_resource(NAME, schema).expect("the schema has a name of its own");
        let mut schemas = Schemas::new();
        match compiler.compile(NAME, &mut schemas) {
            Ok(schema) => Self { schemas, schema },
            Err(error) => panic!("{error:#}"),
        }
    }

    /// How many errors there are, not counting those that only say that there are others.
    fn count(&self, policy: &str) -> usize {
        fn leaves(error: &ValidationError<'_, '_>) -> usize {
            if error.causes.is_empty() { 1 } else { error.causes.iter().map(leaves).sum() }
        }
        let instance = instance(policy);
        self.schemas.validate(&instance, self.schema).map_or_else(|error| leaves(&error), |()| 0)
    }

    /// What is wrong with a policy, or nothing.
    fn errors(&self, policy: &str) -> String {
        let instance = instance(policy);
        let outcome = self.schemas.validate(&instance, self.schema);
        outcome.map_or_else(|error| format!("{error:#}"), |()| String::new())
    }
}

/// The policy as a validator sees it.
fn instance(policy: &str) -> Value {
    let value: serde_yaml::Value = serde_yaml::from_str(policy).expect("the policy is YAML");
    serde_json::to_value(value).expect("YAML of a policy is JSON")
}

/// Every policy that is shipped.
fn policies() -> Vec<PathBuf> {
    let folders = ["policies", "examples/quickstart/policies", "examples/report/policies"]
        .map(|folder| workspace().join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("the folder is there"));
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let mut policies: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    policies.sort();
    policies
}

#[test]
fn the_shipped_schema_is_fresh() {
    let path = workspace().join("policies/policy.schema.json");
    is_kept(&path, &seccomp_compiler::schema(), "schema");
}

#[test]
fn every_shipped_policy_names_the_schema_and_validates_against_it() {
    let validator = validator();
    let mut wrong = String::new();
    for path in policies() {
        let text = fs::read_to_string(&path).expect("a policy is text");
        let first = text.lines().next().unwrap_or_default();
        let schema = first.strip_prefix("# yaml-language-server: $schema=");
        let leads = schema.is_some_and(|schema| path.with_file_name(schema).is_file());
        if !leads {
            wrong.push_str(&format!("{}: its first line names no schema that is there\n", path.display()));
        }
        let errors = validator.errors(&text);
        if !errors.is_empty() {
            wrong.push_str(&format!("{}: {errors}\n", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_the_documents_show_validates() {
    let validator = validator();
    for document in
        documents().iter().filter(|document| !document.ends_with("seccomp-tools/docs/diagnostics.md"))
    {
        // Editors merge before they validate; this validator knows nothing of merge keys.
        for block in blocks(document).into_iter().filter(|block| !block.text.contains("<<:")) {
            assert_eq!(validator.errors(&block.text), "", "{}", block.name);
        }
    }
}

#[test]
fn every_spelling_that_the_compiler_takes_validates() {
    let validator = validator();
    let policies = [
        "{default_action: Allow, syscalls: [{action: KILL_process, names: [read]}]}",
        "{default_action: 'errno(ENOSYS)', syscalls: [{action: 'ErrNo ( 0x26 )', names: ['@sync']}]}",
        "{default_action: 'trap(9)', include: [a/b.yaml, ../c.yaml]}",
        "{seccomp.default_action: log, seccomp: {syscalls: [{action: trace, names: [read]}]}, other: 1}",
        "{default_action: log, syscalls: [{action: log, names: [], names_with_args: [{name: socket, arguments: [\
         {position: 0, operation: equal, value: AF_UNIX}, {argument: type, operation: MASKEDEQUAL, mask: 0xf, \
         value: SOCK_RAW | 0o20 | -1}, {argument: 2, operation: BitsSet, width: 64}]}]}]}",
        "{default_action: log, architectures: [amd64, aarch64-unknown-linux-musl], flags: [], expect: [], \
         allow_warnings: [drift: reason, {drift: other, calls: [open]}], syscalls: [{action: log, optional: true, architectures: [i686], \
         names: [open]}]}",
        "{default_action: log, include: [], syscalls: [{action: log, names_with_args: [{name: pread64, arguments: \
         [{argument: pos.lo, operation: Equal, value: 1}, {argument: offset, operation: Equal, value: 1}]}]}]}",
        // To be included.
        "{syscalls: [{action: errno, names: [read]}]}",
        "{expect: [{action: errno, names: [read]}]}",
        "{include: [a.yaml]}",
        "{architectures: [x86_64], flags: [log], include: [a.yaml]}",
        "{include: [a.yaml], expect: [{action: allowed, overrides: true, names: [read]}]}",
        "{seccomp.syscalls: [{action: errno, names: [read]}]}",
    ];
    for policy in policies {
        assert_eq!(validator.errors(policy), "", "{policy}");
    }
}

#[test]
fn typical_mistakes_are_refused() {
    const GROUP: &str = "syscalls: [{action: errno, names: [read]}]";
    let condition = |condition: &str| {
        format!(
            "{{default_action: log, syscalls: [{{action: log, names_with_args: [{{name: socket, arguments: \
             [{{{condition}}}]}}]}}]}}"
        )
    };
    let group = |group: &str| format!("{{default_action: log, syscalls: [{{{group}}}]}}");
    let root = |root: &str| format!("{{{root}, {GROUP}}}");
    let wrong = [
        root("default_action: alow"),
        root("default_action: 'errno(ENOSUCH)'"),
        root("default_action: 'allow(1)'"),
        root("default_action: 1"),
        root("default_acton: allow"),
        root("enabled: true"),
        root("seccomp.flags: [log]"),
        root("default_action: log, enabled: 'yes'"),
        root("default_action: log, flags: [tsnyc]"),
        root("default_action: log, flags: [log, log]"),
        root("default_action: log, architectures: []"),
        root("default_action: log, architectures: [x86-64]"),
        root("default_action: log, include: [/etc/base.yaml]"),
        root("default_action: log, include: ['C:\\base.yaml']"),
        root("default_action: log, include: base.yaml"),
        root("default_action: log, allow_warnings: [drift]"),
        root("default_action: log, allow_warnings: [unknown-key: no]"),
        root("default_action: log, allow_warnings: [{drift: reason, calls: open}]"),
        root("default_action: log, seccomp: {default_action: log}"),
        "{default_action: log}".to_owned(),
        "{default_action: log, expect: [{action: errno, names: [read]}]}".to_owned(),
        "{architectures: [x86_64], expect: [{action: errno, names: [read]}]}".to_owned(),
        root("default_action: log, expect: [{action: refused, effects: [exec], optional: true}]"),
        group("action: log, names: [read], overrides: true"),
        "{default_action: log, syscalls: []}".to_owned(),
        "{seccomp: {default_action: log}}".to_owned(),
        format!("{{seccomp: {{default_action: log, {GROUP}}}, seccomp.default_action: log}}"),
        format!("{{seccomp: {{default_action: log, {GROUP}}}, seccomp.defualt: log}}"),
        "[default_action, syscalls]".to_owned(),
        group("action: errno"),
        group("action: errno, names: []"),
        group("action: errno, names: read"),
        group("action: errno, names: [opne]"),
        group("action: errno, names: [read, read]"),
        group("action: errno, names: ['@rust']"),
        group("action: errno, name: [read]"),
        group("names: [read]"),
        group("action: errno, names: [read], optional: 1"),
        group(
            "action: errno, names_with_args: [{name: '@sync', arguments: [{argument: 0, operation: Equal}]}]",
        ),
        group("action: errno, names_with_args: [{name: read, arguments: []}]"),
        group("action: errno, names_with_args: [{name: read}]"),
        condition("argument: 6, operation: Equal"),
        condition("argument: 0, position: 0, operation: Equal"),
        condition("operation: Equal, value: 1"),
        condition("argument: famly, operation: Equal"),
        condition("argument: clone_flags, operation: Equal"),
        condition("argument: 0, operation: Equal, value: AF_UNIX | AF_INTE"),
        condition("argument: '0', operation: Equal"),
        condition("argument: 0, value: 1"),
        condition("argument: 0, operation: Equals"),
        condition("argument: 0, operation: Equal, value: AF_UNXI"),
        condition("argument: 0, operation: Equal, value: '0755'"),
        condition("argument: 0, operation: Equal, value: 1.5"),
        condition("argument: 0, operation: Equal, value: 'AF_UNIX |'"),
        condition("argument: 0, operation: MaskedEqual, value: 1"),
        condition("argument: 0, operation: Equal, value: 1, mask: 1"),
        condition("argument: 0, operation: Equal, width: 8"),
    ];
    let validator = validator();
    for policy in wrong {
        assert_ne!(validator.errors(&policy), "", "{policy}");
    }
}

/// Editors show each error at the same place, so that a second one about a name would only be in the way.
#[test]
fn a_wrong_name_is_one_error_with_a_message_of_its_own() {
    let entry = |condition: &str| {
        format!(
            "names_with_args: [{{name: socket, arguments: [{{{condition}, operation: Equal, value: 1}}]}}]"
        )
    };
    let group = |group: &str| format!("{{default_action: log, syscalls: [{{action: log, {group}}}]}}");
    let root = |root: &str| format!("{{{root}, syscalls: [{{action: log, names: [read]}}]}}");
    let wrong = [
        root("default_action: alow"),
        root("default_action: 'errno(EPREM)'"),
        root("default_action: log, flags: [tsnyc]"),
        root("default_action: log, architectures: [x86-64]"),
        root("default_action: log, expect: [{action: refusd, names: [read]}]"),
        group("names: [opne]"),
        group("names: ['@rust-sdt']"),
        group("effects: [exce]"),
        group(&entry("argument: famly")),
        group(&entry("argument: 6")),
        group(&entry("argument: 0").replace("socket", "sokcet")),
        group(&entry("argument: 0").replace("Equal", "Equals")),
        group(&entry("argument: 0").replace("value: 1", "value: AF_UNXI")),
        group(&entry("argument: 0").replace("value: 1", "value: AF_UNIX | AF_UNXI")),
    ];
    let validator = validator();
    for policy in wrong {
        assert_eq!(validator.count(&policy), 1, "{policy}: {}", validator.errors(&policy));
    }
    let schema = json();
    let of_names = ["action", "promise", "value", "syscall", "name", "effect", "socket.arguments"];
    for name in of_names {
        let definition = &schema["definitions"][name];
        let own = if definition["errorMessage"].is_string() {
            definition
        } else {
            &definition["properties"]["argument"]
        };
        assert!(own["errorMessage"].as_str().is_some_and(|message| message.len() < 100), "{name}");
    }
}

#[test]
fn other_mistakes_are_two_errors_at_most() {
    let condition = |condition: &str| {
        format!(
            "{{default_action: log, syscalls: [{{action: log, names_with_args: [{{name: socket, arguments: [{{{condition}}}]}}]}}]}}"
        )
    };
    let wrong = [
        "{default_acton: log, syscalls: [{action: log, names: [read]}]}".to_owned(),
        "{default_action: log}".to_owned(),
        "{default_action: log, syscalls: [{action: log, names: [read], optinal: true}]}".to_owned(),
        condition("operation: Equal"),
        condition("argument: 0, position: 0, operation: Equal"),
        condition("argument: 0, operation: MaskedEqual, value: 1"),
        condition("argument: 0, operation: Equal, width: 8"),
    ];
    let validator = validator();
    for policy in wrong {
        assert!((1..=2).contains(&validator.count(&policy)), "{policy}: {}", validator.errors(&policy));
    }
}

fn json() -> Value {
    serde_json::from_str(&seccomp_compiler::schema()).expect("the schema is JSON")
}

#[test]
fn an_editor_offers_what_this_call_and_this_argument_take() {
    let schema = json();
    let listed = |path: &str| -> Vec<String> {
        let names = schema.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("no {path}"));
        names.iter().map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned)).collect()
    };
    let arguments = listed("/definitions/socket.arguments/properties/argument/enum");
    assert_eq!(arguments, ["domain", "family", "protocol", "type", "0", "1", "2", "3", "4", "5"]);
    let families = listed("/definitions/socket.family/anyOf/0/enum");
    assert!(families.iter().all(|name| name.starts_with("AF_")) && families.len() > 30, "{families:?}");
    let branches = schema.pointer("/definitions/socket.arguments/allOf").and_then(Value::as_array);
    let leads = branches.into_iter().flatten().filter(|branch| {
        let of_argument = branch["if"]["anyOf"][0]["properties"]["argument"]["enum"].as_array();
        let names: Vec<&Value> = of_argument.into_iter().flatten().collect();
        names.contains(&&Value::from("domain")) && names.contains(&&Value::from(0))
    });
    let leads: Vec<&Value> = leads.map(|branch| &branch["then"]["properties"]["value"]["$ref"]).collect();
    assert_eq!(leads, ["#/definitions/socket.family"]);
}

/// The names that the tables have for the arguments of calls, and all constants: none is wrong to an editor.
#[test]
fn every_argument_and_every_constant_validates() {
    let mut arguments: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for architecture in Architecture::all() {
        for call in architecture.table().filter_map(|number| architecture.syscall_name(number)) {
            let names = (0..6).filter_map(|at| architecture.argument_name(call, at));
            arguments.entry(call).or_default().extend(names);
        }
    }
    arguments.retain(|_, names| !names.is_empty());
    assert!(arguments.len() > 400);
    let constants = workspace().join("seccomp-compiler/src/kernel/tables/constants.txt");
    let constants = fs::read_to_string(constants).expect("the table is there");
    let constants: Vec<&str> = constants.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(constants.len() > 5000);
    arguments.insert("read", BTreeSet::from(["fd"]));
    let entry = |(call, names): (&&str, &BTreeSet<&str>)| {
        let value = if *call == "read" { constants.join(" | ") } else { "1".to_owned() };
        let condition = |name| serde_json::json!({"argument": name, "operation": "Equal", "value": value});
        let conditions: Vec<Value> = names.iter().take(6).map(condition).collect();
        serde_json::json!({"name": call, "arguments": conditions})
    };
    let entries: Vec<Value> = arguments.iter().map(entry).collect();
    let group = serde_json::json!({"action": "log", "names_with_args": entries});
    let policy = serde_json::json!({"default_action": "log", "syscalls": [group]});
    assert_eq!(validator().errors(&policy.to_string()), "");
}

/// Editors load it anew for each file.
#[test]
fn the_schema_is_no_larger_than_editors_take_with_ease() {
    let size = seccomp_compiler::schema().len();
    assert!(size < 1_000_000, "{size}");
}
