//! The real `ausearch --interpret`, where it is installed: what it writes is understood as the record that it read.

use std::collections::HashMap;
use std::fmt::Write;
use std::process::Command;

use seccomp_compiler::Architecture;
use seccomp_compiler::policy::ActionKind;
use serde_json::Value;

use crate::read;

/// A record of each call of each architecture with each action that the kernel logs, by serial number.
fn every_record() -> String {
    let mut log = String::new();
    let mut serial = 0;
    for architecture in Architecture::all() {
        let numbers = architecture.table().filter(|number| architecture.syscall_name(*number).is_some());
        for number in numbers {
            for kind in ActionKind::ALL.iter().filter(|kind| **kind != ActionKind::Allow) {
                serial += 1;
                writeln!(
                    log,
                    "type=SECCOMP msg=audit(1796000000.100:{serial}): auid=4294967295 uid=0 gid=0 ses=4294967295 \
                     subj==snap.a.b (enforce) pid=1 comm=\"a\" exe=2F6120622F63 sig=31 arch={:x} syscall={number} \
                     compat=0 ip=0x1 code={:#x}",
                    architecture.audit(),
                    kind.return_value(),
                )
                .expect("a string can be written");
            }
        }
    }
    log
}

fn by_serial(log: &str) -> HashMap<u64, Value> {
    let (_, output) = read(log.as_bytes(), "json");
    let objects = output.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    objects.map(|object| (object["serial"].as_u64().expect("a serial number"), object)).collect()
}

#[test]
#[ignore = "it runs ausearch, which few machines have"]
fn every_call_and_action_survives_ausearch() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.log");
    let raw = every_record();
    std::fs::write(&path, &raw).expect("it can be written");
    let output =
        Command::new("ausearch").args(["--interpret", "-if"]).arg(&path).output().expect("ausearch runs");
    let interpreted = by_serial(&String::from_utf8_lossy(&output.stdout));
    let raw = by_serial(&raw);
    assert!(raw.len() > 30_000 && interpreted.len() == raw.len(), "{} of {}", interpreted.len(), raw.len());
    let mut wrong = Vec::new();
    for (serial, record) in &raw {
        let found = &interpreted[serial];
        let is_kill =
            found["action"] == "kill" && record["action"].as_str().is_some_and(|it| it.starts_with("kill_"));
        let same = ["number", "syscall", "architecture", "arch", "subject", "executable", "pid"];
        let differs = same.iter().any(|key| found[key] != record[key]);
        if differs || !(is_kill || found["action"] == record["action"]) || !found["gap"].is_null() {
            wrong.push(format!("{record}\n{found}"));
        }
    }
    eprintln!("{} of {} records are understood as they were", raw.len() - wrong.len(), raw.len());
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(20)].join("\n"));
}
