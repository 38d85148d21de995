//! JSON objects that contain only what is known.

use std::io::{self, Write};

use serde_json::{Map, Value};

#[derive(Default)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// Adds a value, if there is one.
    pub(super) fn put(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value.into());
        }
    }

    /// Adds an object, unless it is empty.
    pub(super) fn put_object(&mut self, key: &str, object: Self) {
        if !object.0.is_empty() {
            self.0.insert(key.to_owned(), object.into());
        }
    }

    /// Writes the object as one line.
    pub(super) fn write_line(self, output: &mut dyn Write) -> io::Result<()> {
        writeln!(output, "{}", Value::from(self))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}
