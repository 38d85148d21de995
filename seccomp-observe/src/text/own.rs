//! What this crate wrote itself, and what Auditbeat did: violations are read back from the formats `json` and `ecs`.

use seccomp_compiler::Architecture;
use serde_json::{Map, Value};

use super::prefix::rfc_3339;
use crate::record::{Action, Identity, Process, Time, Violation, action, audit_number, call_name, signal};

/// The violation in an object.
pub(super) fn read(object: &Map<String, Value>) -> Option<Violation> {
    let at = At(object);
    if at.text(&["auditd", "message_type"]) == Some("seccomp") {
        return Some(event(at));
    }
    (at.text(&["type"]) == Some("seccomp")).then(|| plain(at))
}

/// An object, whose values are found by path.
#[derive(Clone, Copy)]
struct At<'a>(&'a Map<String, Value>);

impl<'a> At<'a> {
    fn value(self, path: &[&str]) -> Option<&'a Value> {
        let (first, rest) = path.split_first()?;
        let value = self.0.get(*first)?;
        rest.iter().try_fold(value, |value, key| value.get(*key))
    }

    fn text(self, path: &[&str]) -> Option<&'a str> {
        self.value(path)?.as_str()
    }

    fn owned(self, path: &[&str]) -> Option<String> {
        self.text(path).map(str::to_owned)
    }

    /// A number, also as a string.
    fn number<T: TryFrom<u64>>(self, path: &[&str]) -> Option<T> {
        let value = self.value(path)?;
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
        T::try_from(number).ok()
    }

    fn times(self, path: &[&str]) -> u64 {
        self.number(path).map_or(1, |times: u32| times.max(1).into())
    }

    fn hexadecimal(self, path: &[&str]) -> Option<u64> {
        u64::from_str_radix(self.text(path)?.strip_prefix("0x")?, 16).ok()
    }

    fn time(self, path: &[&str]) -> Option<Time> {
        self.text(path).and_then(rfc_3339)
    }

    fn identity(self, path: &[&str]) -> Option<Identity> {
        let below = |key| [path, &[key]].concat();
        let (id, name) = (self.number(&below("id")), self.owned(&below("name")));
        (id.is_some() || name.is_some()).then_some(Identity { id, name })
    }

    fn action(self, code: &[&str], name: &[&str]) -> Option<Action> {
        let number = || self.hexadecimal(code).and_then(|code| u32::try_from(code).ok());
        number().and_then(Action::from_code).or_else(|| action(self.text(name)?.as_bytes()))
    }
}

fn plain(at: At<'_>) -> Violation {
    let (number, syscall) = call(at.number(&["number"]), at.text(&["syscall"]));
    let mut violation = Violation {
        times: at.times(&["times"]),
        time: at.time(&["time"]),
        serial: at.number(&["serial"]),
        node: at.owned(&["host"]),
        login: at.identity(&["login"]),
        user: at.identity(&["user"]),
        group: at.identity(&["group"]),
        session: at.number(&["session"]),
        subject: at.owned(&["subject"]),
        pid: at.number(&["pid"]),
        thread: at.owned(&["thread"]),
        executable: at.owned(&["executable"]),
        arch: at.hexadecimal(&["arch"]).and_then(|arch| u32::try_from(arch).ok()),
        number,
        syscall,
        compat: at.number(&["compat"]),
        instruction_pointer: at.hexadecimal(&["ip"]),
        action: at.action(&["code"], &["action"]),
        process: Process {
            parent: at.number(&["parent", "pid"]),
            parent_name: at.owned(&["parent", "name"]),
            command_line: at.owned(&["command_line"]),
            unit: at.owned(&["unit"]),
            container: at.owned(&["container"]),
            module: at.owned(&["module"]),
            function: at.owned(&["function"]),
        },
        ..Violation::default()
    };
    complete(&mut violation, at.text(&["architecture"]), at.text(&["signal"]));
    violation
}

fn event(at: At<'_>) -> Violation {
    let data = |key: &'static str| at.text(&["auditd", "data", key]);
    let (number, syscall) = call(at.number(&["seccomp", "syscall_number"]), data("syscall"));
    let mut violation = Violation {
        times: at.times(&["seccomp", "times"]),
        time: at.time(&["@timestamp"]),
        serial: at.number(&["auditd", "sequence"]),
        node: at.owned(&["host", "name"]),
        login: at.identity(&["user", "audit"]),
        user: at.identity(&["user"]),
        group: at.identity(&["user", "group"]),
        session: at.number(&["auditd", "session"]),
        subject: data("subj").map(str::to_owned),
        pid: at.number(&["process", "pid"]),
        thread: at.owned(&["process", "name"]),
        executable: at.owned(&["process", "executable"]),
        arch: at.hexadecimal(&["auditd", "data", "arch"]).and_then(|arch| u32::try_from(arch).ok()),
        number,
        syscall,
        compat: at.number(&["auditd", "data", "compat"]),
        instruction_pointer: at.hexadecimal(&["auditd", "data", "ip"]),
        action: at.action(&["auditd", "data", "code"], &["seccomp", "action"]),
        process: Process {
            parent: at.number(&["process", "parent", "pid"]),
            parent_name: at.owned(&["process", "parent", "name"]),
            command_line: at.owned(&["process", "command_line"]),
            unit: at.owned(&["systemd", "unit"]),
            container: at.owned(&["container", "id"]),
            module: at.owned(&["seccomp", "module"]),
            function: at.owned(&["seccomp", "function"]),
        },
        ..Violation::default()
    };
    let architecture = at.text(&["seccomp", "architecture"]).or_else(|| data("arch"));
    complete(&mut violation, architecture, data("sig"));
    violation
}

/// The number and the name of a call. A number may be in place of the name.
fn call(number: Option<u32>, name: Option<&str>) -> (Option<u32>, Option<String>) {
    match name.and_then(|name| name.parse().ok()) {
        Some(unnamed) => (number.or(Some(unnamed)), None),
        None => (number, name.map(str::to_owned)),
    }
}

fn complete(violation: &mut Violation, architecture: Option<&str>, signal_name: Option<&str>) {
    violation.architecture = architecture.and_then(Architecture::find);
    violation.arch = violation.arch.or(violation.architecture.map(Architecture::audit));
    let number = |name: &String| audit_number(violation.architecture?, name);
    violation.number = violation.number.or_else(|| violation.syscall.as_ref().and_then(number));
    let name = violation.number.and_then(|number| call_name(violation.architecture?, number));
    violation.syscall = violation.syscall.take().or(name.map(str::to_owned));
    violation.is_read_back = true;
    violation.signal = signal_name.and_then(|name| signal(name, violation.architecture));
}
