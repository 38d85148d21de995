//! Rules in the words of others: as the peers' binaries read them, as Rust, and as seccompiler's JSON.

use std::fmt::Write as _;
use std::path::Path;

use seccomp_compiler::{AbiRules, ArgCondition, Comparison, Must, RuleSet, Verdict};
use serde_json::{Value, json};

/// The rules as the peers' binaries read them: a line for the architecture, for each answer that needs no rule, and for
/// each entry.
pub(crate) fn as_text(rules: &RuleSet) -> String {
    let AbiRules { rules: entries, default, architecture, .. } = &rules.abis[0];
    let (foreign, default) = (action(rules.foreign), action(*default));
    let mut text = format!(
        "architecture {architecture} {} {}\nforeign {foreign}\ndefault {default}\n",
        architecture.audit(),
        architecture.register()
    );
    for rule in entries {
        let name = architecture.syscall_name(rule.number).unwrap_or("-");
        let _infallible = write!(text, "entry {} {} {name}", action(rule.verdict), rule.number);
        for ArgCondition { argument, mask, comparison, value, must, .. } in &rule.conditions {
            let at_least = u8::from(*comparison == Comparison::AtLeast);
            let holds = u8::from(*must == Must::Hold);
            let _infallible = write!(text, " {argument} {mask} {at_least} {value} {holds}");
        }
        text.push('\n');
    }
    text
}

fn action(verdict: Verdict) -> String {
    match verdict {
        Verdict::Allow => "allow".to_owned(),
        Verdict::Log => "log".to_owned(),
        Verdict::Trace(data) => format!("trace:{data}"),
        Verdict::UserNotif => "notify".to_owned(),
        Verdict::Errno(errno) => format!("errno:{errno}"),
        Verdict::Trap(_) => "trap".to_owned(),
        Verdict::KillThread => "kill-thread".to_owned(),
        Verdict::KillProcess => "kill-process".to_owned(),
    }
}

/// The policy as Rust data and as seccompiler's JSON, for programs that have it compiled in.
pub(crate) fn write_data(rules: &RuleSet, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("policy.rs"), as_rust(rules))?;
    std::fs::write(folder.join("policy.json"), as_json(rules).to_string())
}

fn as_rust(rules: &RuleSet) -> String {
    let AbiRules { rules, default, .. } = &rules.abis[0];
    let action = |verdict: Verdict| match verdict {
        Verdict::Allow => "Action::Allow".to_owned(),
        Verdict::Errno(errno) => format!("Action::Errno({errno})"),
        Verdict::Trap(_) => "Action::Trap".to_owned(),
        Verdict::Log => "Action::Log".to_owned(),
        Verdict::Trace(data) => format!("Action::Trace({data})"),
        Verdict::UserNotif => "Action::Notify".to_owned(),
        Verdict::KillThread => "Action::KillThread".to_owned(),
        Verdict::KillProcess => "Action::KillProcess".to_owned(),
    };
    let mut text = format!(
        "pub static POLICY: Policy<'static> = Policy {{ default: {}, foreign: Action::KillProcess, entries: &[\n",
        action(*default)
    );
    for rule in rules {
        let mut conditions = String::new();
        for test in &rule.conditions {
            let _infallible = write!(
                conditions,
                "Condition {{ argument: {}, mask: {}, at_least: {}, value: {}, expected: {} }}, ",
                test.argument,
                test.mask,
                test.comparison == Comparison::AtLeast,
                test.value,
                test.must == Must::Hold
            );
        }
        let _infallible = writeln!(
            text,
            "Entry {{ number: {}, name: \"\", action: {}, conditions: &[{conditions}] }},",
            rule.number,
            action(rule.verdict)
        );
    }
    text + "] };\n"
}

/// Names that seccompiler's table for JSON lacks.
const NOT_IN_JSON: [&str; 4] = ["setxattrat", "getxattrat", "listxattrat", "removexattrat"];

fn as_json(rules: &RuleSet) -> Value {
    let AbiRules { rules, architecture, .. } = &rules.abis[0];
    let condition = |test: &ArgCondition| {
        let whole = test.mask == u64::MAX || test.mask == u64::from(u32::MAX);
        let operator = match (test.comparison, test.must == Must::Hold) {
            (Comparison::AtLeast, true) => json!("ge"),
            (Comparison::AtLeast, false) => json!("lt"),
            (Comparison::Equal, _) if whole => json!("eq"),
            (Comparison::Equal, _) => json!({"masked_eq": test.mask}),
        };
        let width = if test.mask >> 32 == 0 { "dword" } else { "qword" };
        json!({"index": test.argument, "type": width, "op": operator, "val": test.value})
    };
    let allowed = rules.iter().filter(|rule| rule.verdict == Verdict::Allow);
    let entries = allowed.filter_map(|rule| {
        let name = architecture.syscall_name(rule.number).filter(|name| !NOT_IN_JSON.contains(name))?;
        let conditions: Vec<Value> = rule.conditions.iter().map(condition).collect();
        Some(match conditions.as_slice() {
            [] => json!({"syscall": name}),
            conditions => json!({"syscall": name, "args": conditions}),
        })
    });
    let filter: Vec<Value> = entries.collect();
    json!({"main": {"mismatch_action": {"errno": 1}, "match_action": "allow", "filter": filter}})
}
