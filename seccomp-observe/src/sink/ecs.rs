//! Events of the Elastic Common Schema, with the fields and values of Auditbeat's auditd module, so that dashboards,
//! rules and pipelines for that module accept them.

use std::io::{self, Write};

use serde_json::json;

use super::format::{Format, Sink};
use super::object::Object;
use crate::record::{Identity, Names, Violation};

/// The version of the schema that Beats declare. The fields used here have not changed since.
const SCHEMA: &str = "8.0.0";

pub(super) const FORMAT: Format = Format {
    name: "ecs",
    summary: "One event of the Elastic Common Schema per line, as Auditbeat writes it",
    new: |_| Box::new(Ecs),
};

#[derive(Debug)]
struct Ecs;

impl Sink for Ecs {
    fn record(&mut self, violation: &Violation, names: &mut Names, output: &mut dyn Write) -> io::Result<()> {
        event(violation, names).write_line(output)
    }
}

fn event(violation: &Violation, names: &mut Names) -> Object {
    let category = violation.syscall.as_deref().map_or("process", category);
    let mut event = Object::default();
    event.put("@timestamp", violation.time.map(|time| time.precise()));
    event.put("ecs", Some(json!({ "version": SCHEMA })));
    event.put(
        "event",
        Some(json!({
            "action": "violated-seccomp-policy",
            "category": [category],
            "kind": "event",
            "module": "auditd",
            "outcome": "unknown",
            "type": ["info"],
        })),
    );
    event.put("service", Some(json!({ "type": "auditd" })));
    event.put_object("host", host(violation, names));
    event.put_object("process", process(violation));
    event.put_object("user", user(violation, names));
    event.put_object("auditd", auditd(violation, names));
    event
}

fn host(violation: &Violation, names: &Names) -> Object {
    let mut host = Object::default();
    host.put("name", violation.node.as_deref().or(names.host()));
    host
}

fn process(violation: &Violation) -> Object {
    let mut process = Object::default();
    process.put("pid", violation.pid);
    process.put("name", violation.thread.as_deref());
    process.put("executable", violation.executable.as_deref());
    process
}

fn user(violation: &Violation, names: &mut Names) -> Object {
    let mut user = Object::default();
    if let Some(effective) = &violation.user {
        user.put("id", Some(effective.id.to_string()));
        user.put("name", names.user(effective));
    }
    if let Some(login) = &violation.login {
        user.put_object("audit", identity(login, names.user(login)));
    }
    if let Some(group) = &violation.group {
        user.put_object("group", identity(group, names.group(group)));
    }
    user
}

fn identity(identity: &Identity, name: Option<String>) -> Object {
    let mut object = Object::default();
    object.put("id", Some(identity.id.to_string()));
    object.put("name", name);
    object
}

fn auditd(violation: &Violation, names: &mut Names) -> Object {
    let mut auditd = Object::default();
    auditd.put("message_type", Some("seccomp"));
    auditd.put("sequence", violation.serial);
    auditd.put("session", violation.session.map(|session| session.to_string()));
    auditd.put("result", Some("unknown"));
    auditd.put_object("summary", summary(violation, names));
    auditd.put_object("data", data(violation));
    auditd
}

fn summary(violation: &Violation, names: &mut Names) -> Object {
    let mut name = |user: &Identity| names.user(user).unwrap_or_else(|| user.id.to_string());
    let mut actor = Object::default();
    actor.put("primary", Some(violation.login.as_ref().map_or_else(|| "unset".to_owned(), &mut name)));
    actor.put("secondary", violation.user.as_ref().map(&mut name));
    let mut object = Object::default();
    object.put("primary", violation.syscall_or_number());
    object.put("type", Some("process"));
    let mut summary = Object::default();
    summary.put_object("actor", actor);
    summary.put_object("object", object);
    summary.put("how", violation.program());
    summary
}

/// The record's own fields, all as strings.
fn data(violation: &Violation) -> Object {
    let mut data = Object::default();
    let architecture = violation.architecture.map(|architecture| architecture.audit_name().to_owned());
    data.put("arch", architecture.or_else(|| violation.architecture_or_value()));
    data.put("syscall", violation.syscall_or_number());
    data.put("sig", violation.signal_name());
    data.put("code", violation.action.map(|action| format!("{:#x}", action.code())));
    data.put("compat", violation.compat.map(|compat| compat.to_string()));
    data.put("ip", violation.instruction_pointer.map(|pointer| format!("{pointer:#x}")));
    data.put("subj", violation.subject.as_deref());
    data
}

/// The schema's category of a system call.
fn category(call: &str) -> &'static str {
    let contains = |parts: &[&str]| parts.iter().any(|part| call.contains(part));
    match call {
        "open_by_handle_at" => "file",
        "pidfd_open" | "perf_event_open" | "mq_open" | "process_vm_readv" | "process_vm_writev" => "process",
        "finit_module" | "init_module" | "delete_module" => "driver",
        "bind" | "connect" | "listen" | "shutdown" | "socketpair" | "socketcall" => "network",
        _ if contains(&["sock", "accept", "recv", "sendto", "sendmsg", "sendmmsg", "peername"]) => "network",
        _ if contains(&[
            "xattr", "open", "stat", "access", "chmod", "chown", "link", "rename", "mkdir", "rmdir",
        ]) =>
        {
            "file"
        }
        _ if contains(&["getdents", "mknod", "truncate", "utime", "chdir", "fallocate", "mount"]) => "file",
        "creat" | "fsync" | "fdatasync" | "chroot" | "pivot_root" | "getcwd" | "swapon" | "swapoff" => "file",
        _ => "process",
    }
}

#[cfg(test)]
mod tests {
    use super::category;

    #[test]
    fn calls_have_a_category_of_the_schema() {
        for (call, expected) in [
            ("stat", "file"),
            ("openat2", "file"),
            ("unlinkat", "file"),
            ("pidfd_open", "process"),
            ("socket", "network"),
            ("accept4", "network"),
            ("recvmmsg", "network"),
            ("finit_module", "driver"),
            ("execve", "process"),
            ("clone3", "process"),
        ] {
            assert_eq!(category(call), expected, "{call}");
        }
    }
}
