//! A violation as an event of the Elastic Common Schema, in the fields and words in which Auditbeat's auditd module
//! writes it: dashboards, rules and pipelines for those take these.

use serde_json::{Value, json};

use super::json::Object;
use super::names::Names;
use super::violation::{Identity, Violation};

/// The version of the schema that Beats name; the fields here have not changed since.
const SCHEMA: &str = "8.0.0";

/// The event.
pub(crate) fn event(violation: &Violation, names: &mut Names) -> Value {
    let category = violation.call.as_deref().map_or("process", category);
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
    event.into()
}

fn host(violation: &Violation, names: &Names) -> Object {
    let mut host = Object::default();
    host.put("name", violation.node.as_deref().or(names.host()));
    host
}

fn process(violation: &Violation) -> Object {
    let mut process = Object::default();
    process.put("pid", violation.pid);
    process.put("name", violation.name.as_deref());
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
    let mut name = |of: &Identity| names.user(of).unwrap_or_else(|| of.id.to_string());
    let mut actor = Object::default();
    actor.put("primary", Some(violation.login.as_ref().map_or_else(|| "unset".to_owned(), &mut name)));
    actor.put("secondary", violation.user.as_ref().map(&mut name));
    let mut object = Object::default();
    object.put("primary", violation.call());
    object.put("type", Some("process"));
    let mut summary = Object::default();
    summary.put_object("actor", actor);
    summary.put_object("object", object);
    summary.put("how", violation.program());
    summary
}

/// The record's own fields, all as text.
fn data(violation: &Violation) -> Object {
    let mut data = Object::default();
    data.put("arch", violation.arch().map(|arch| audit_name(&arch).to_owned()));
    data.put("syscall", violation.call());
    data.put("sig", violation.signal());
    data.put("code", violation.action.map(|action| format!("{:#x}", action.code())));
    data.put("compat", violation.compat.map(|compat| compat.to_string()));
    data.put("ip", violation.pointer.map(|pointer| format!("{pointer:#x}")));
    data.put("subj", violation.subject.as_deref());
    data
}

/// Audit's names of architectures where ours are others. It does not tell x32 from x86_64.
fn audit_name(architecture: &str) -> &str {
    match architecture {
        "x32" => "x86_64",
        "powerpc" => "ppc",
        "powerpc64" => "ppc64",
        "powerpc64le" => "ppc64le",
        "mips64el" => "mipsel64",
        "mipsn32" => "mips64n32",
        "mipsn32el" => "mipsel64n32",
        same => same,
    }
}

/// What kind of call it is, in the schema's words.
fn category(call: &str) -> &'static str {
    let is = |words: &[&str]| words.iter().any(|word| call.contains(word));
    match call {
        "open_by_handle_at" => "file",
        "pidfd_open" | "perf_event_open" | "mq_open" | "process_vm_readv" | "process_vm_writev" => "process",
        "finit_module" | "init_module" | "delete_module" => "driver",
        "bind" | "connect" | "listen" | "shutdown" | "socketpair" | "socketcall" => "network",
        _ if is(&["sock", "accept", "recv", "sendto", "sendmsg", "sendmmsg", "peername"]) => "network",
        _ if is(&[
            "xattr", "open", "stat", "access", "chmod", "chown", "link", "rename", "mkdir", "rmdir",
        ]) =>
        {
            "file"
        }
        _ if is(&["getdents", "mknod", "truncate", "utime", "chdir", "fallocate", "mount"]) => "file",
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
