//! Problems as lines of JSON, in the form of rustc's own, which editors and other tools read already.

use serde_json::{Value, json};

use seccomp_compiler::{Label, Severity, Suggestion};

use super::position::{Position, placed};
use super::{Finding, Findings};

impl Findings {
    /// The problems of a policy as JSON, one object a line, as rustc writes them with `--error-format json`: the same
    /// keys, except for those that count bytes, and besides them `policy` and `architectures`.
    ///
    /// Where there are more problems than are located, a last object says so.
    pub fn to_json(&self, policy: &str) -> String {
        let more = [Severity::Error, Severity::Warning].into_iter().filter_map(|severity| {
            let message = self.not_shown(policy, severity)?;
            Some(diagnostic(policy, &message, severity.name()))
        });
        let lines = self.iter().map(|finding| self.line(policy, finding)).chain(more);
        lines.map(|line| format!("{line}\n")).collect()
    }

    fn line(&self, policy: &str, finding: &Finding) -> Value {
        let problem = finding.diagnostic();
        let help = problem.help.iter().map(|help| {
            let spans = problem.suggestion.iter().map(|suggestion| replaced(&problem.labels[0], suggestion));
            child("help", help, spans.collect())
        });
        let note = self.note(finding).map(|note| child("note", &note, Vec::new()));
        let architectures: Vec<&str> = finding.architectures().map(|of| of.name()).collect();
        let mut line = diagnostic(policy, &problem.message, problem.severity.name());
        line["code"] = json!({"code": problem.code.name(), "explanation": null});
        line["spans"] = placed(&problem.labels).map(|(index, label)| span(label, index == 0)).collect();
        line["children"] = note.into_iter().chain(help).collect();
        line["rendered"] = json!(format!("{problem}\n"));
        line["architectures"] = json!(architectures);
        line
    }
}

fn diagnostic(policy: &str, message: &str, level: &str) -> Value {
    json!({
        "$message_type": "diagnostic",
        "message": message,
        "code": null,
        "level": level,
        "spans": [],
        "children": [],
        "rendered": format!("{level}: {message}\n"),
        "policy": policy,
    })
}

fn child(level: &str, message: &str, spans: Vec<Value>) -> Value {
    json!({"message": message, "code": null, "level": level, "spans": spans, "children": [], "rendered": null})
}

fn span(label: &Label, is_primary: bool) -> Value {
    let Position { line, start, end } = Position::new(label.span);
    json!({
        "file_name": label.file,
        "line_start": line,
        "line_end": line,
        "column_start": start,
        "column_end": end,
        "is_primary": is_primary,
        "text": [{"text": label.line, "highlight_start": start, "highlight_end": end}],
        "label": label.text,
        "suggested_replacement": null,
        "suggestion_applicability": null,
        "expansion": null,
    })
}

fn replaced(label: &Label, suggestion: &Suggestion) -> Value {
    let mut label = label.clone();
    label.span = suggestion.span;
    let mut span = span(&label, true);
    span["label"] = Value::Null;
    span["suggested_replacement"] = json!(suggestion.replacement);
    span["suggestion_applicability"] = json!("MaybeIncorrect");
    span
}
