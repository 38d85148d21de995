//! Plain JSON: everything that was decoded, under plain names.

use std::io::{self, Write};

use serde_json::Value;

use super::format::{Format, Sink};
use super::object::Object;
use crate::record::{Identity, Names, Violation};

pub(super) const FORMAT: Format = Format {
    name: "json",
    summary: "One JSON object per line, with everything that was decoded",
    new: |_| Box::new(Json),
};

#[derive(Debug)]
struct Json;

impl Sink for Json {
    fn record(&mut self, violation: &Violation, names: &mut Names, output: &mut dyn Write) -> io::Result<()> {
        object(violation, names).write_line(output)
    }
}

fn object(violation: &Violation, names: &mut Names) -> Object {
    let mut object = Object::default();
    object.put("time", violation.time.map(|time| time.precise()));
    object.put("serial", violation.serial);
    object.put("host", violation.node.as_deref().or(names.host()));
    object.put("executable", violation.executable.as_deref());
    object.put("thread", violation.thread.as_deref());
    object.put("pid", violation.pid);
    object.put("user", violation.user.as_ref().map(|user| named(user, names.user(user))));
    object.put("group", violation.group.as_ref().map(|group| named(group, names.group(group))));
    object.put("login", violation.login.as_ref().map(|user| named(user, names.user(user))));
    object.put("session", violation.session);
    object.put("subject", violation.subject.as_deref());
    object.put("syscall", violation.syscall.as_deref());
    object.put("number", violation.number);
    object.put("architecture", violation.architecture.map(|architecture| architecture.name()));
    object.put("arch", violation.arch.map(|arch| format!("{arch:#010x}")));
    object.put("compat", violation.compat);
    object.put("ip", violation.instruction_pointer.map(|pointer| format!("{pointer:#x}")));
    object.put("signal", violation.signal_name().filter(|_| violation.signal != Some(0)));
    object.put("action", violation.action.map(|action| action.to_string()));
    object.put("code", violation.action.map(|action| format!("{:#x}", action.code())));
    object.put("gap", violation.gap().map(|gap| gap.to_string()));
    object
}

fn named(identity: &Identity, name: Option<String>) -> Value {
    let mut object = Object::default();
    object.put("id", Some(identity.id));
    object.put("name", name);
    object.into()
}
