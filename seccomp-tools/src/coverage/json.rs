//! Coverage as JSON.

use serde_json::{Value, json};

use super::report::{Covered, Line, Report};

impl Report<'_> {
    /// One object: each file with its lines that decide, and the calls that were refused. `docs/evidence.md` describes it.
    pub fn to_json(&self) -> String {
        let refused: Vec<Value> = self
            .refused
            .iter()
            .map(|refused| {
                json!({
                    "call": refused.call,
                    "action": refused.verdict.to_string(),
                    "falls_back": refused.falls_back,
                    "count": refused.count,
                    "by": refused.by,
                })
            })
            .collect();
        let files: Vec<Value> = self.files.iter().map(file).collect();
        let value = json!({"files": files, "refused": refused, "uncertain": self.uncertain});
        format!("{value:#}\n")
    }
}

fn file(file: &Covered<'_>) -> Value {
    json!({"file": file.name, "lines": file.lines.iter().map(line).collect::<Vec<_>>()})
}

fn line(line: &Line) -> Value {
    let branches = line
        .branches
        .iter()
        .map(|branch| json!({"condition": branch.condition, "held": branch.held, "failed": branch.failed}));
    json!({
        "line": line.line,
        "name": line.name,
        "action": line.verdict.to_string(),
        "count": line.count,
        "by": line.by,
        "unused": line.is_unused(),
        "uncertain": line.is_uncertain,
        "unused_members": line.unused_members,
        "conditions": branches.collect::<Vec<_>>(),
    })
}
