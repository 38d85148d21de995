//! The SECCOMP records in a line and the fields in a record, without copying.
//!
//! A record ends where the next one begins. Fields are found by their keys, because their number and order depend on the
//! kernel's version and its security modules.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memchr2, memmem};

use super::beginning::beginnings;

/// A record whose fields have not been decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record<'a> {
    /// The host, if auditd names it with `node=`.
    pub node: Option<&'a [u8]>,
    /// The inside of `audit(…)`.
    pub stamp: Option<&'a [u8]>,
    /// The fields.
    pub body: &'a [u8],
}

/// Separates the kernel's record from the names that auditd appends to it.
const ENRICHED: u8 = 0x1d;

/// What follows a security context.
static PID: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" pid="));

/// The names that auditd appends.
pub(crate) const ADDED: [&[u8]; 5] = [b"AUID=", b"UID=", b"GID=", b"ARCH=", b"SYSCALL="];

/// The records on a line.
pub fn records(line: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut beginnings = beginnings(line).peekable();
    let mut before = 0;
    core::iter::from_fn(move || {
        let beginning = beginnings.next()?;
        let end = beginnings.peek().map_or(line.len(), |next| next.start);
        // The text before a record is the end of the previous one, and may name the node of this one.
        let node = node(&line[before..beginning.start]);
        before = beginning.body;
        let record = Record::new(node, &line[beginning.body..end]);
        if !record.is_interpreted() {
            return Some(record);
        }
        // Its names may look like the beginning of another.
        beginnings.by_ref().for_each(drop);
        Some(Record::new(node, &line[beginning.body..]))
    })
}

/// The value of a `node=` directly before a record.
fn node(before: &[u8]) -> Option<&[u8]> {
    let before = before.trim_ascii_end();
    let word = before.rsplit(u8::is_ascii_whitespace).next()?;
    word.strip_prefix(b"node=").filter(|name| !name.is_empty())
}

impl<'a> Record<'a> {
    /// The record with this text after its type.
    pub fn new(node: Option<&'a [u8]>, text: &'a [u8]) -> Self {
        let text = text.trim_ascii_start();
        let text = text.strip_prefix(b"msg=").unwrap_or(text);
        match text.strip_prefix(b"audit(") {
            None => Self { node, stamp: None, body: text },
            Some(inside) => {
                let end = memchr(b')', inside).unwrap_or(inside.len());
                let (stamp, body) = inside.split_at(end);
                Self { node, stamp: Some(stamp), body }
            }
        }
    }

    /// Whether `ausearch --interpret` wrote it; it alone puts a space before the colon after the stamp.
    fn is_interpreted(&self) -> bool {
        self.stamp.is_some() && self.body.starts_with(b") :")
    }

    /// The length of what follows the names in an interpreted record. They have no quotes, so they may contain spaces
    /// and look like fields. The last ` sig=` is the kernel's, which writes no names after it.
    fn after_names(&self) -> Option<usize> {
        self.is_interpreted()
            .then(|| memmem::rfind(self.body, b" sig=").map_or(0, |start| self.body.len() - start))
    }

    /// The fields in order. What is not a field, such as the colon after the stamp, is skipped.
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let mut rest = self.body;
        let after_names = self.after_names();
        core::iter::from_fn(move || {
            loop {
                let separators = rest.iter().take_while(|byte| is_separator(**byte)).count();
                let (field, after) = field(&rest[separators..], after_names)?;
                rest = after;
                if field.is_some() {
                    return field;
                }
            }
        })
    }
}

/// One `key=value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The value.
    pub value: Value<'a>,
    /// Whether the record ends with the value, which may be cut off there.
    pub is_last: bool,
}

/// A value, by how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// In quotes, which are not part of it.
    Quoted(&'a [u8]),
    /// After a quote that is never closed: the rest of the value is missing.
    Cut(&'a [u8]),
    /// Without quotes; a name that a program chose may be written as hexadecimal digits.
    Bare(&'a [u8]),
    /// A name that a program chose, verbatim and without quotes.
    Interpreted(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The value, however it is written.
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Quoted(bytes) | Self::Cut(bytes) | Self::Bare(bytes) | Self::Interpreted(bytes) => bytes,
        }
    }
}

/// The first word of `text` as a field, if it is one, and the text after it. `after_names` is the length of what follows
/// interpreted names.
fn field(text: &[u8], after_names: Option<usize>) -> Option<(Option<Field<'_>>, &[u8])> {
    let (first, rest) = word(text);
    let Some(equals) = memchr(b'=', first) else {
        return (!first.is_empty()).then_some((None, rest));
    };
    let (key, word, value) = (&first[..equals], &first[equals + 1..], &text[equals + 1..]);
    let (value, rest) = match key {
        b"comm" | b"exe" if after_names.is_some() => {
            let end = end_of_name(key, value, after_names.unwrap_or_default()).unwrap_or(word.len());
            (Value::Interpreted(&value[..end]), &value[end..])
        }
        b"subj" => split(value, end_of_subject(value).unwrap_or(word.len())),
        b"code" => split(value, end_of_code(word).unwrap_or(word.len())),
        _ => quoted(value).unwrap_or_else(|| split(value, word.len())),
    };
    Some((Some(Field { key, value, is_last: rest.is_empty() }), rest))
}

fn split(value: &[u8], end: usize) -> (Value<'_>, &[u8]) {
    let (value, rest) = value.split_at(end);
    (Value::Bare(value), rest)
}

/// A value in quotes, which another format may have escaped (`\"`) or doubled.
fn quoted(value: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let is_doubled = value.starts_with(b"\"\"") && value.get(2).is_some_and(|byte| !is_separator(*byte));
    let quote: &[u8] = match value {
        [b'\\', b'"', ..] => b"\\\"",
        _ if is_doubled => b"\"\"",
        [b'"', ..] => b"\"",
        _ => return None,
    };
    let inside = &value[quote.len()..];
    let end = memchr2(quote[0], ENRICHED, inside).unwrap_or(inside.len());
    let (value, rest) = inside.split_at(end);
    Some(match rest.strip_prefix(quote) {
        Some(rest) => (Value::Quoted(value), rest),
        None => (Value::Cut(value), rest),
    })
}

/// The end of a name in an interpreted record.
fn end_of_name(key: &[u8], value: &[u8], after_names: usize) -> Option<usize> {
    let names = &value[..value.len().checked_sub(after_names)?];
    let executable = if key == b"comm" { memmem::find(names, b" exe=") } else { None };
    executable.or(Some(names.len()))
}

/// The end of a security context, which AppArmor's may have spaces: `snap.steam.steam (enforce)`. `pid` comes next.
fn end_of_subject(value: &[u8]) -> Option<usize> {
    PID.find(value)
}

/// The end of the kernel's last value if auditd's names follow immediately: the separator between them is lost or
/// replaced when a record is copied or forwarded.
fn end_of_code(word: &[u8]) -> Option<usize> {
    // Nearly always there is nothing.
    memchr(b'=', word)?;
    ADDED.into_iter().filter_map(|key| memmem::find(word, key)).min()
}

/// The first word and the rest.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| is_separator(*byte)).unwrap_or(text.len()))
}

/// Whether this byte separates words.
fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == ENRICHED
}

#[cfg(test)]
mod tests;
