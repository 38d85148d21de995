//! Problems as a SARIF 2.1.0 log, which code scanning services show beside the lines of a change.

use serde_json::{Value, json};

use seccomp_compiler::{Code, Label, Severity, Span};

use super::position::{Position, placed};
use super::{Finding, Findings};
use crate::explanation::{explanation, summary};

/// The problems of several policies, as one run of one tool.
#[derive(Debug, Default)]
pub struct Sarif {
    results: Vec<Value>,
    notifications: Vec<Value>,
}

impl Sarif {
    /// Adds the problems of a policy.
    pub fn add(&mut self, policy: &str, findings: &Findings) {
        self.results.extend(findings.iter().map(|finding| result(findings, finding)));
        for severity in [Severity::Error, Severity::Warning] {
            let message = findings.not_shown(policy, severity);
            self.notifications.extend(message.map(|message| notification("warning", &message)));
        }
    }

    /// Adds a reason for which a policy could not be checked.
    pub fn add_failure(&mut self, message: &str) {
        self.notifications.push(notification("error", message));
    }

    /// The whole log. `exit_code` is the process's; with 2 the tool did not do all its work.
    pub fn finish(self, tool: &str, version: &str, exit_code: u8) -> String {
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": tool,
                    "version": version,
                    "rules": Code::all().map(rule).collect::<Vec<_>>(),
                }},
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": exit_code < 2,
                    "exitCode": exit_code,
                    "toolExecutionNotifications": self.notifications,
                }],
                "results": self.results,
            }],
        });
        format!("{log:#}\n")
    }
}

/// A code, with its section of the page about codes as help.
fn rule(code: Code) -> Value {
    let help = explanation(code);
    let first = help.strip_prefix("A warning.").unwrap_or(&help).trim_start();
    let first = first.split("\n\n").next().unwrap_or(first).replace('\n', " ");
    json!({
        "id": code.name(),
        "shortDescription": {"text": format!("{}.", summary(code))},
        "fullDescription": {"text": first},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": code.severity().name()},
    })
}

fn result(findings: &Findings, finding: &Finding) -> Value {
    let problem = finding.diagnostic();
    let help = problem.help.iter().map(|help| format!("Help: {help}"));
    let note = findings.note(finding).into_iter().map(|note| format!("Note: {note}"));
    let text: Vec<String> = core::iter::once(problem.message.clone()).chain(note).chain(help).collect();
    let architectures: Vec<&str> = finding.architectures().map(|of| of.name()).collect();
    let related = placed(&problem.labels).skip(1).map(|(index, label)| {
        let mut related = location(label);
        related["id"] = json!(index);
        related
    });
    let mut result = json!({
        "ruleId": problem.code.name(),
        "ruleIndex": Code::all().position(|code| code == problem.code),
        "level": problem.severity.name(),
        "message": {"text": text.join("\n")},
        "locations": [location(&problem.labels[0])],
        "relatedLocations": related.collect::<Vec<_>>(),
        "properties": {"architectures": architectures},
    });
    if let Some(suggestion) = &problem.suggestion {
        let label = &problem.labels[0];
        result["fixes"] = json!([{
            "description": {"text": format!("Replace it with `{}`", suggestion.replacement)},
            "artifactChanges": [{
                "artifactLocation": artifact(&label.file),
                "replacements": [{
                    "deletedRegion": region(suggestion.span),
                    "insertedContent": {"text": suggestion.replacement},
                }],
            }],
        }]);
    }
    result
}

fn location(label: &Label) -> Value {
    let mut location = json!({
        "physicalLocation": {"artifactLocation": artifact(&label.file), "region": region(label.span)},
    });
    if !label.text.is_empty() {
        location["message"] = json!({"text": label.text});
    }
    location
}

fn region(span: Span) -> Value {
    let Position { line, start, end } = Position::new(span);
    json!({"startLine": line, "startColumn": start, "endLine": line, "endColumn": end})
}

fn notification(level: &str, message: &str) -> Value {
    json!({"level": level, "message": {"text": message}})
}

/// A file as a URI: relative to the current directory, unless its path is absolute.
fn artifact(file: &str) -> Value {
    let path = file.replace('\\', "/");
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    json!({"uri": format!("{scheme}{}", uri.trim_start_matches("./"))})
}
