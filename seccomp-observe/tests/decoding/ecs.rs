//! Events conform to the schema: it has every field, with that type.

use std::collections::HashMap;
use std::fs;

use serde_json::Value;

use crate::{logs, read};

/// A field of the schema.
struct Field {
    kind: String,
    is_list: bool,
}

fn schema() -> HashMap<String, Field> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/ecs-fields.csv");
    let mut reader = csv::Reader::from_path(path).expect("the fields");
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| (row[0].to_owned(), Field { kind: row[1].to_owned(), is_list: &row[3] == "array" }))
        .collect()
}

/// The allowed values of the fields for which the schema lists them.
const ALLOWED: [(&str, &[&str]); 4] = [
    ("event.kind", &["alert", "asset", "enrichment", "event", "metric", "state", "pipeline_error", "signal"]),
    ("event.outcome", &["failure", "success", "unknown"]),
    (
        "event.type",
        &[
            "access",
            "admin",
            "allowed",
            "change",
            "connection",
            "creation",
            "deletion",
            "denied",
            "device",
            "end",
            "error",
            "group",
            "indicator",
            "info",
            "installation",
            "protocol",
            "start",
            "user",
        ],
    ),
    (
        "event.category",
        &[
            "api",
            "authentication",
            "configuration",
            "database",
            "driver",
            "email",
            "file",
            "host",
            "iam",
            "intrusion_detection",
            "library",
            "malware",
            "network",
            "package",
            "process",
            "registry",
            "session",
            "threat",
            "vulnerability",
            "web",
        ],
    ),
];

/// The leaves of an object with their paths.
fn leaves(path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            assert!(!fields.is_empty(), "`{path}` is empty");
            for (key, value) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(&path, value, found);
            }
        }
        leaf => found.push((path.to_owned(), leaf.clone())),
    }
}

fn check(path: &str, value: &Value, schema: &HashMap<String, Field>) {
    let field = schema.get(path).unwrap_or_else(|| panic!("`{path}` is not in the schema"));
    let values = match value {
        Value::Array(values) if field.is_list => values.clone(),
        one => {
            assert!(!field.is_list, "`{path}` is not a list");
            vec![one.clone()]
        }
    };
    for value in values {
        let fits = match field.kind.as_str() {
            "keyword" | "wildcard" => value.is_string(),
            "long" => value.is_u64(),
            "date" => value.as_str().is_some_and(|text| text.len() == 24 && text.ends_with('Z')),
            other => panic!("`{path}` is of the type `{other}`, which no event has"),
        };
        assert!(fits, "`{path}` is not a {}: {value}", field.kind);
        let allowed = ALLOWED.iter().find(|(closed, _)| *closed == path);
        let text = value.as_str().unwrap_or_default();
        assert!(allowed.is_none_or(|(_, values)| values.contains(&text)), "`{path}` is {text}");
    }
}

#[test]
fn every_event_conforms_to_the_schema() {
    let schema = schema();
    let mut count = 0;
    for log in logs::all() {
        for line in read(&fs::read(&log).expect("a log"), "ecs").1.lines() {
            let event: Value = serde_json::from_str(line).expect("JSON");
            let mut found = Vec::new();
            leaves("", &event, &mut found);
            for (path, value) in &found {
                check(path, value, &schema);
            }
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn an_event_is_as_auditbeat_writes_it() {
    let log = logs::all().into_iter().find(|log| log.ends_with("fedora-audit.log")).expect("the log");
    let (_, output) = read(&fs::read(log).expect("a log"), "ecs");
    let events: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let expected = serde_json::json!({
        "@timestamp": "2025-11-22T08:26:52.345Z",
        "ecs": { "version": "8.0.0" },
        "event": {
            "action": "violated-seccomp-policy", "kind": "event", "module": "auditd", "type": ["info"],
            "category": ["process"], "outcome": "unknown",
        },
        "service": { "type": "auditd" },
        "process": { "pid": 4711, "name": "mediad", "executable": "/usr/libexec/mediad" },
        "user": {
            "id": "1000", "name": "ada",
            "audit": { "id": "1000", "name": "ada" }, "group": { "id": "1000", "name": "ada" },
            "selinux": {
                "user": "unconfined_u", "role": "unconfined_r", "domain": "unconfined_t", "level": "s0-s0",
                "category": "c0.c1023",
            },
        },
        "auditd": {
            "message_type": "seccomp", "sequence": 412, "session": "3", "result": "unknown",
            "summary": {
                "actor": { "primary": "ada", "secondary": "ada" },
                "object": { "primary": "socket", "type": "process" },
                "how": "/usr/libexec/mediad",
            },
            "data": {
                "arch": "x86_64", "syscall": "socket", "sig": "SIGSYS", "code": "0x80000000", "compat": "0",
                "ip": "0x7f5a0c8fe1ab", "subj": "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023",
            },
        },
        "seccomp": {
            "action": "kill_process", "outcome": "blocked", "architecture": "x86_64", "syscall_number": 41,
        },
    });
    assert_eq!(events[0], expected);
    // IDs that were never set are left out.
    assert!(events[1]["user"].get("audit").is_none());
    assert!(events[1]["auditd"].get("session").is_none());
    assert_eq!(events[1]["auditd"]["summary"]["actor"]["primary"], "unset");
    assert_eq!(events[1]["auditd"]["data"]["sig"], "0");
    assert_eq!(events[2]["host"]["name"], "db-7");
}

/// The template of the data stream has a type for each field that the schema does not have.
#[test]
fn the_index_template_maps_every_other_field() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/elasticsearch/index-template.json");
    let template: Value = serde_json::from_slice(&fs::read(path).expect("the template")).expect("JSON");
    let csv = concat!(env!("CARGO_MANIFEST_DIR"), "/data/ecs-fields.csv");
    let mut reader = csv::Reader::from_path(csv).expect("the fields");
    let mut count = 0;
    for row in reader.records().map(|row| row.expect("a row")) {
        if ["core", "extended"].contains(&&row[2]) {
            continue;
        }
        let path = row[0].replace('.', "/properties/");
        let mapped = template.pointer(&format!("/template/mappings/properties/{path}/type"));
        assert_eq!(mapped.and_then(Value::as_str), Some(&row[1]), "{}", &row[0]);
        count += 1;
    }
    assert!(count > 25, "{count}");
}
