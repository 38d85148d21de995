//! Events of the Elastic Common Schema, with the fields and values of Auditbeat's auditd module, so that dashboards,
//! rules and pipelines for that module accept them.

use std::io::{self, Write};

use super::auditbeat::{classify, how};
use super::format::{Format, Sink};
use super::writer::Line;
use crate::record::{Identity, Names, Violation};

/// The version of the schema that Beats declare. The fields used here have not changed since.
const SCHEMA: &str = "8.0.0";

pub(super) const FORMAT: Format = Format {
    name: "ecs",
    summary: "One event of the Elastic Common Schema per line, as Auditbeat writes it",
    has_details: true,
    new: |_| Box::new(Ecs::default()),
};

#[derive(Debug, Default)]
struct Ecs {
    line: Line,
}

impl Sink for Ecs {
    fn record(&mut self, violation: &Violation, names: &mut Names, output: &mut dyn Write) -> io::Result<()> {
        self.line.write(output, |line| event(line, violation, names))
    }
}

fn event(line: &mut Line, violation: &Violation, names: &mut Names) {
    line.shown("@timestamp", violation.time.map(|time| time.precise()));
    line.object("ecs", |line| line.text("version", Some(SCHEMA)));
    line.object("event", |line| {
        let (category, types) = classify(violation.syscall.as_deref().unwrap_or_default());
        line.text("action", Some("violated-seccomp-policy"));
        line.words("category", [category].into_iter());
        line.text("kind", Some("event"));
        line.text("module", Some("auditd"));
        line.text("outcome", Some("unknown"));
        line.words("type", types.split(' '));
    });
    line.object("service", |line| line.text("type", Some("auditd")));
    line.object("host", |line| line.text("name", violation.node.as_deref().or(names.host())));
    line.object("process", |line| process(line, violation));
    line.object("container", |line| line.text("id", violation.process.container.as_deref()));
    line.object("systemd", |line| line.text("unit", violation.process.unit.as_deref()));
    line.object("user", |line| user(line, violation, names));
    line.object("auditd", |line| auditd(line, violation, names));
    line.object("seccomp", |line| seccomp(line, violation));
}

fn process(line: &mut Line, violation: &Violation) {
    line.number("pid", violation.pid);
    line.text("name", violation.thread.as_deref());
    line.text("executable", violation.executable.as_deref());
    line.text("command_line", violation.process.command_line.as_deref());
    line.object("parent", |line| {
        line.number("pid", violation.process.parent);
        line.text("name", violation.process.parent_name.as_deref());
    });
}

fn user(line: &mut Line, violation: &Violation, names: &mut Names) {
    if let Some(user) = &violation.user {
        identity(line, user, names.user(user));
    }
    if let Some(login) = &violation.login {
        line.object("audit", |line| identity(line, login, names.user(login)));
    }
    if let Some(group) = &violation.group {
        line.object("group", |line| identity(line, group, names.group(group)));
    }
    line.object("selinux", |line| {
        let label = violation.subject.as_deref().and_then(|label| label.split_ascii_whitespace().next());
        let mut parts =
            label.filter(|label| *label != "?").into_iter().flat_map(|label| label.splitn(5, ':'));
        for key in ["user", "role", "domain", "level", "category"] {
            line.text(key, parts.next());
        }
    });
}

fn identity(line: &mut Line, identity: &Identity, name: Option<String>) {
    line.shown("id", identity.id);
    line.text("name", name.as_deref());
}

fn auditd(line: &mut Line, violation: &Violation, names: &mut Names) {
    line.text("message_type", Some("seccomp"));
    line.number("sequence", violation.serial);
    line.shown("session", violation.session);
    line.text("result", Some("unknown"));
    line.object("summary", |line| summary(line, violation, names));
    line.object("data", |line| data(line, violation));
}

fn summary(line: &mut Line, violation: &Violation, names: &mut Names) {
    let mut name = |user: Option<&Identity>| {
        let user = user?;
        names.user(user).or_else(|| user.id.map(|id| id.to_string()))
    };
    line.object("actor", |line| {
        line.text("primary", Some(name(violation.login.as_ref()).as_deref().unwrap_or("unset")));
        line.text("secondary", name(violation.user.as_ref()).as_deref());
    });
    line.object("object", |line| {
        line.text("primary", violation.syscall_or_number().as_deref());
        line.text("type", Some("process"));
    });
    line.text("how", how(violation));
}

/// The record's own fields, all as strings.
fn data(line: &mut Line, violation: &Violation) {
    match violation.architecture {
        Some(architecture) => line.text("arch", Some(architecture.audit_name())),
        None => line.text("arch", violation.architecture_or_value().as_deref()),
    }
    line.text("syscall", violation.syscall_or_number().as_deref());
    line.shown("sig", violation.signal_name());
    if let Some(action) = violation.action {
        match action.code() {
            Some(code) => line.shown("code", Some(format_args!("{code:#x}"))),
            None => line.text("code", Some(action.name())),
        }
    }
    line.shown("compat", violation.compat);
    line.shown("ip", violation.instruction_pointer.map(|pointer| format!("{pointer:#x}")));
    line.text("subj", violation.subject.as_deref());
}

/// What Auditbeat has no field for.
fn seccomp(line: &mut Line, violation: &Violation) {
    line.text("action", violation.action.map(|action| action.name()));
    line.text("outcome", violation.action.map(|action| action.outcome()));
    line.text("decided_by", violation.decided_by.as_deref());
    line.text("architecture", violation.architecture.map(|architecture| architecture.name()));
    line.number("syscall_number", violation.number);
    line.text("module", violation.process.module.as_deref());
    line.text("function", violation.process.function.as_deref());
    line.number("times", Some(violation.times).filter(|times| *times != 1));
}
