//! A violation as one JSON object: what was decoded under plain names, and nothing that is not known.

use serde_json::{Map, Value, json};

use super::names::Names;
use super::violation::{Identity, Violation};

/// The object.
pub(crate) fn object(violation: &Violation, names: &mut Names) -> Value {
    let of = violation;
    let mut object = Object::default();
    object.put("time", of.time.map(|time| time.precise()));
    object.put("serial", of.serial);
    object.put("host", of.node.as_deref().or(names.host()));
    object.put("executable", of.executable.as_deref());
    object.put("thread", of.name.as_deref());
    object.put("pid", of.pid);
    object.put("user", of.user.as_ref().map(|user| named(user, names.user(user))));
    object.put("group", of.group.as_ref().map(|group| named(group, names.group(group))));
    object.put("login", of.login.as_ref().map(|user| named(user, names.user(user))));
    object.put("session", of.session);
    object.put("subject", of.subject.as_deref());
    object.put("syscall", of.call.as_deref());
    object.put("number", of.number);
    object.put("architecture", of.architecture.map(|architecture| architecture.name()));
    object.put("arch", of.arch.map(|arch| format!("{arch:#010x}")));
    object.put("compat", of.compat);
    object.put("ip", of.pointer.map(|pointer| format!("{pointer:#x}")));
    object.put("signal", of.signal().filter(|_| of.signal != Some(0)));
    object.put("action", of.action.map(|action| action.to_string()));
    object.put("code", of.action.map(|action| format!("{:#x}", action.code())));
    object.put("gap", of.gap());
    object.into()
}

fn named(identity: &Identity, name: Option<String>) -> Value {
    let mut object = Object::default();
    object.put("id", Some(identity.id));
    object.put("name", name);
    object.into()
}

/// An object that holds only what is there.
#[derive(Default)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    pub(super) fn put(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value.into());
        }
    }

    /// Puts an object there, unless it is empty.
    pub(super) fn put_object(&mut self, key: &str, object: Self) {
        if !object.0.is_empty() {
            self.0.insert(key.to_owned(), json!(object.0));
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}
