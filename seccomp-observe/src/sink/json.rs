//! Plain JSON: everything that was decoded, under plain names.

use std::io::{self, Write};

use super::format::{Format, Sink};
use super::writer::Line;
use crate::record::{Identity, Names, Violation};

pub(super) const FORMAT: Format = Format {
    name: "json",
    summary: "One JSON object per line, with everything that was decoded",
    has_details: true,
    new: |_| Box::new(Json::default()),
};

#[derive(Debug, Default)]
struct Json {
    line: Line,
}

impl Sink for Json {
    fn record(&mut self, violation: &Violation, names: &mut Names, output: &mut dyn Write) -> io::Result<()> {
        self.line.write(output, |line| object(line, violation, names))
    }
}

fn object(line: &mut Line, violation: &Violation, names: &mut Names) {
    line.text("type", Some("seccomp"));
    line.shown("time", violation.time.map(|time| time.precise()));
    line.number("serial", violation.serial);
    line.text("host", violation.node.as_deref().or(names.host()));
    line.text("executable", violation.executable.as_deref());
    line.text("thread", violation.thread.as_deref());
    line.number("pid", violation.pid);
    identity(line, "user", violation.user.as_ref(), |user| names.user(user));
    identity(line, "group", violation.group.as_ref(), |group| names.group(group));
    identity(line, "login", violation.login.as_ref(), |user| names.user(user));
    line.number("session", violation.session);
    line.text("subject", violation.subject.as_deref());
    line.text("syscall", violation.syscall.as_deref());
    line.number("number", violation.number);
    line.text("architecture", violation.architecture.map(|architecture| architecture.name()));
    line.shown("arch", violation.arch.map(|arch| format!("{arch:#010x}")));
    line.number("compat", violation.compat);
    line.shown("ip", violation.instruction_pointer.map(|pointer| format!("{pointer:#x}")));
    line.text("module", violation.process.module.as_deref());
    line.text("function", violation.process.function.as_deref());
    line.shown("signal", violation.signal_name().filter(|_| violation.signal != Some(0)));
    line.text("action", violation.action.map(|action| action.name()));
    line.shown("code", violation.action.and_then(|action| action.code()).map(|code| format!("{code:#x}")));
    line.text("outcome", violation.action.map(|action| action.outcome()));
    line.text("decided_by", violation.decided_by.as_deref());
    line.number("times", Some(violation.times).filter(|times| *times != 1));
    line.object("parent", |line| {
        line.number("pid", violation.process.parent);
        line.text("name", violation.process.parent_name.as_deref());
    });
    line.text("command_line", violation.process.command_line.as_deref());
    line.text("unit", violation.process.unit.as_deref());
    line.text("container", violation.process.container.as_deref());
    line.text("gap", violation.gap().map(|gap| gap.text()));
}

fn identity(
    line: &mut Line,
    key: &str,
    identity: Option<&Identity>,
    name: impl FnOnce(&Identity) -> Option<String>,
) {
    line.object(key, |line| {
        line.number("id", identity.and_then(|identity| identity.id));
        line.text("name", identity.and_then(name).as_deref());
    });
}
