//! Entries of the journal, a field on each line: `journalctl -o verbose`, `export` and `json-pretty`. The fields have
//! what a record lacks there: the time, the serial number, the unit.

use std::borrow::Cow;

use seccomp_compiler::Architecture;

use super::Take;
use crate::event::LONGEST_LINE;
use crate::record::{Time, Violation, container, decode_for, records};

/// The fields of an entry that matter for a record.
#[derive(Debug, Default)]
pub(super) struct Entry {
    is_open: bool,
    /// A value of `export` that is not plain text, up to where it was read.
    binary: Option<Binary>,
    /// Whether the last field was the message.
    is_message_last: bool,
    message: Option<Vec<u8>>,
    /// When the record was made, or else when it arrived.
    source_time: Option<Time>,
    time: Option<Time>,
    serial: Option<u64>,
    host: Option<String>,
    command_line: Option<String>,
    unit: Option<String>,
    container: Option<String>,
}

/// A value after its length, in eight bytes. Both may contain the ends of lines.
#[derive(Debug)]
struct Binary {
    is_message: bool,
    /// The bytes so far, and as many of the first ones as are needed.
    length: usize,
    start: Vec<u8>,
}

/// The longest value that journald stores.
const LONGEST_VALUE: u64 = 1 << 30;

/// What a line is to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Inside,
    /// It begins another entry.
    Next,
    Outside,
}

impl Binary {
    /// Takes a line. Gives whether the value is complete; none if it is no value.
    fn add(&mut self, line: &[u8]) -> Option<bool> {
        let most = if self.is_message { LONGEST_LINE } else { LENGTH };
        let line = line.iter().chain(b"\n");
        self.length += line.clone().count();
        self.start.extend(line.take(most.saturating_sub(self.start.len())));
        let Some(length) = self.start.first_chunk::<LENGTH>() else { return Some(false) };
        let length = u64::from_le_bytes(*length);
        let read = (self.length as u64).saturating_sub(LENGTH as u64);
        (length < LONGEST_VALUE).then_some(read > length)
    }

    fn value(&self) -> &[u8] {
        let (length, value) = self.start.split_first_chunk::<LENGTH>().unwrap_or((&[0; LENGTH], &[]));
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        &value[..value.len().min(length)]
    }
}

/// The bytes of a length.
const LENGTH: usize = 8;

impl Entry {
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Takes a line if it belongs to this entry.
    pub(super) fn line(&mut self, line: &[u8]) -> Part {
        if let Some(binary) = &mut self.binary {
            match binary.add(line) {
                Some(false) => return Part::Inside,
                Some(true) => {
                    if binary.is_message {
                        self.message = Some(binary.value().to_vec());
                    }
                    self.binary = None;
                    return Part::Inside;
                }
                None => self.binary = None,
            }
        }
        if self.is_open && is_key(line) {
            self.binary = Some(Binary { is_message: line == b"MESSAGE", length: 0, start: Vec::new() });
            return Part::Inside;
        }
        if self.is_open && line.starts_with(b"     ") {
            // A value of several lines, in `verbose`.
            if let Some(message) = self.message.as_mut().filter(|_| self.is_message_last) {
                message.push(b'\n');
                message.extend_from_slice(line);
                message.truncate(LONGEST_LINE);
            }
            return Part::Inside;
        }
        let Some((key, value)) = field(line, self.is_open) else { return Part::Outside };
        self.is_message_last = key == b"MESSAGE";
        if self.is_message_last && self.message.is_some() {
            return Part::Next;
        }
        self.is_open = true;
        self.set(key, &value);
        Part::Inside
    }

    /// Takes a field.
    pub(super) fn set(&mut self, key: &[u8], value: &[u8]) {
        let text = || Some(String::from_utf8_lossy(value).into_owned());
        let microseconds = || {
            let time: u64 = str::from_utf8(value).ok()?.parse().ok()?;
            Time::new(time / 1_000_000, time / 1000 % 1000)
        };
        match key {
            b"MESSAGE" => self.message = Some(value.to_vec()),
            b"_SOURCE_REALTIME_TIMESTAMP" => self.source_time = microseconds(),
            b"__REALTIME_TIMESTAMP" => self.time = microseconds(),
            b"_AUDIT_ID" => self.serial = str::from_utf8(value).ok().and_then(|id| id.parse().ok()),
            b"_HOSTNAME" => self.host = text(),
            b"_CMDLINE" => self.command_line = text(),
            b"_SYSTEMD_UNIT" => self.unit = text(),
            b"_SYSTEMD_CGROUP" => self.container = str::from_utf8(value).ok().and_then(container),
            _ => {}
        }
    }

    /// Decodes the records of the entry's message; what they say themselves comes first.
    pub(super) fn decode(&mut self, hint: Option<&'static Architecture>, take: Take<'_>) {
        let message = self.message.take().unwrap_or_default();
        for record in records(&message) {
            let mut violation = decode_for(&record, hint);
            violation.times = super::prefix::times(&message);
            self.complete(&mut violation, record.stamp.is_some());
            take(violation);
        }
    }

    fn complete(&self, violation: &mut Violation, has_stamp: bool) {
        if !has_stamp {
            violation.time = self.source_time.or(self.time);
            violation.serial = self.serial;
            // The fields of the kernel's own entries are not the process's.
            violation.process.command_line.clone_from(&self.command_line);
            violation.process.unit.clone_from(&self.unit);
            violation.process.container.clone_from(&self.container);
        }
        if violation.node.is_none() {
            violation.node.clone_from(&self.host);
        }
    }
}

/// Whether these bytes are the name of a field.
fn is_key(bytes: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    !bytes.is_empty() && bytes.iter().all(is_part)
}

/// A field and its value. What begins an entry is more certain to be one than what goes on with it.
fn field(line: &[u8], is_open: bool) -> Option<(&[u8], Cow<'_, [u8]>)> {
    let (key, value) = plain(line).or_else(|| pretty(line))?;
    let is_certain = is_open || key == b"MESSAGE" || key.starts_with(b"_");
    (is_certain && is_key(key)).then_some((key, value))
}

/// `KEY=value`, in `verbose` after four spaces.
fn plain(line: &[u8]) -> Option<(&[u8], Cow<'_, [u8]>)> {
    let line = line.strip_prefix(b"    ").unwrap_or(line);
    // Most lines of other logs end here.
    if !line.first().is_some_and(|first| first.is_ascii_uppercase() || *first == b'_') {
        return None;
    }
    let equals = memchr::memchr(b'=', line)?;
    Some((&line[..equals], Cow::Borrowed(&line[equals + 1..])))
}

/// `"KEY" : value,`
fn pretty(line: &[u8]) -> Option<(&[u8], Cow<'_, [u8]>)> {
    let line = line.trim_ascii().strip_prefix(b"\"")?;
    let end = memchr::memchr(b'"', line)?;
    let value = line[end + 1..].trim_ascii_start().strip_prefix(b":")?.trim_ascii();
    let value: serde_json::Value = serde_json::from_slice(value.strip_suffix(b",").unwrap_or(value)).ok()?;
    Some((&line[..end], Cow::Owned(bytes(&value)?)))
}

/// The value of a field in JSON: a string, or its bytes if it is not plain text.
pub(super) fn bytes(value: &serde_json::Value) -> Option<Vec<u8>> {
    match value {
        serde_json::Value::String(text) => Some(text.clone().into_bytes()),
        serde_json::Value::Array(bytes) => {
            bytes.iter().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect()
        }
        _ => None,
    }
}
