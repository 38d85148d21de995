//! The JSON Schema of policies, before a validator that is not ours: it takes what the compiler takes and refuses
//! what people mistype.

use std::fs;
use std::path::PathBuf;

use boon::{Compiler, SchemaIndex, Schemas};
use seccomp_tests::documents::{blocks, documents};
use seccomp_tests::is_kept;
use seccomp_tests::scratch::workspace;
use serde_json::Value;

struct Validator {
    schemas: Schemas,
    schema: SchemaIndex,
}

/// The schema, which is itself validated against that of draft 7, as it says that it is one.
fn validator() -> Validator {
    const NAME: &str = "policy.schema.json";
    let schema: Value = serde_json::from_str(&seccomp_compiler::schema()).expect("the schema is JSON");
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let mut compiler = Compiler::new();
    compiler.add_resource(NAME, schema).expect("the schema has a name of its own");
    let mut schemas = Schemas::new();
    match compiler.compile(NAME, &mut schemas) {
        Ok(schema) => Validator { schemas, schema },
        Err(error) => panic!("{error:#}"),
    }
}

impl Validator {
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
         allow_warnings: [drift: reason], syscalls: [{action: log, optional: true, architectures: [i686], \
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
