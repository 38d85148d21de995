//! Strict reading of JSON: every key must be known, and every value of the right type.

use core::fmt;

use seccomp_compiler::visible;
use serde_json::{Map, Value};

use crate::recording::model::cut;

/// Why a text cannot be read as a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotEvidence {
    reason: String,
}

impl NotEvidence {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for NotEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this cannot be read as a recording: {}", self.reason)
    }
}

impl core::error::Error for NotEvidence {}

/// An object whose keys are taken one by one.
pub(super) struct Fields {
    what: &'static str,
    fields: Map<String, Value>,
}

impl Fields {
    pub(super) fn of(what: &'static str, value: Value) -> Result<Self, NotEvidence> {
        match value {
            Value::Object(fields) => Ok(Self { what, fields }),
            _ => Err(NotEvidence::new(format!("{what} is not an object"))),
        }
    }

    fn wrong(&self, key: &str, expected: &str) -> NotEvidence {
        NotEvidence::new(format!("`{key}` of {} is not {expected}", self.what))
    }

    pub(super) fn optional(&mut self, key: &str) -> Option<Value> {
        self.fields.remove(key).filter(|value| !value.is_null())
    }

    pub(super) fn take(&mut self, key: &str) -> Result<Value, NotEvidence> {
        self.optional(key).ok_or_else(|| NotEvidence::new(format!("{} has no `{key}`", self.what)))
    }

    pub(super) fn optional_text(&mut self, key: &str) -> Result<Option<String>, NotEvidence> {
        match self.optional(key) {
            None => Ok(None),
            Some(Value::String(text)) if cut(&text) == text => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "a string of at most 4096 bytes")),
        }
    }

    pub(super) fn text(&mut self, key: &str) -> Result<String, NotEvidence> {
        let text = self.optional_text(key)?;
        text.ok_or_else(|| NotEvidence::new(format!("{} has no `{key}`", self.what)))
    }

    pub(super) fn number(&mut self, key: &str) -> Result<u64, NotEvidence> {
        self.take(key)?.as_u64().ok_or_else(|| self.wrong(key, "a number"))
    }

    pub(super) fn boolean(&mut self, key: &str) -> Result<Option<bool>, NotEvidence> {
        let Some(value) = self.optional(key) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.wrong(key, "true or false"))
    }

    pub(super) fn list(&mut self, key: &str, most: usize) -> Result<Vec<Value>, NotEvidence> {
        match self.take(key)? {
            Value::Array(items) if items.len() <= most => Ok(items),
            _ => Err(self.wrong(key, &format!("a list of at most {most} items"))),
        }
    }

    pub(super) fn texts(&mut self, key: &str, most: usize) -> Result<Vec<String>, NotEvidence> {
        let items = self.list(key, most)?.into_iter().map(|item| match item {
            Value::String(text) if cut(&text) == text => Ok(text),
            _ => Err(self.wrong(key, "a list of strings")),
        });
        items.collect()
    }

    /// Indices into a list of this length.
    pub(super) fn indices(&mut self, key: &str, length: usize) -> Result<Vec<u32>, NotEvidence> {
        let items = self.list(key, usize::MAX)?;
        let indices = items.iter().map(|item| index(item, length));
        indices
            .collect::<Option<_>>()
            .ok_or_else(|| self.wrong(key, &format!("a list of indices below {length}")))
    }

    /// Values of arguments, by their positions; those that are left out are 0.
    pub(super) fn arguments(&mut self, key: &str) -> Result<[u64; 6], NotEvidence> {
        let mut arguments = [0; 6];
        let Some(value) = self.optional(key) else { return Ok(arguments) };
        let wrong = || self.wrong(key, "an object of positions from 0 to 5 with numbers such as \"0x5401\"");
        let Value::Object(values) = value else { return Err(wrong()) };
        for (at, value) in values {
            let at = at.parse::<usize>().ok().and_then(|at| arguments.get_mut(at)).ok_or_else(wrong)?;
            *at = value.as_str().and_then(hex).ok_or_else(wrong)?;
        }
        Ok(arguments)
    }

    /// Nothing else may be there.
    pub(super) fn end(self) -> Result<(), NotEvidence> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(key) => {
                let key = visible(cut(key));
                Err(NotEvidence::new(format!("{} has an unknown key `{key}`", self.what)))
            }
        }
    }
}

pub(super) fn index(value: &Value, length: usize) -> Option<u32> {
    let index = u32::try_from(value.as_u64()?).ok()?;
    ((index as usize) < length).then_some(index)
}

pub(super) fn hex(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x")?;
    let is_plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_plain { u64::from_str_radix(digits, 16).ok() } else { None }
}
