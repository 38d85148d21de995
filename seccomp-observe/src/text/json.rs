//! Lines of JSON that carry records in any of their strings.

use seccomp_compiler::Architecture;
use serde_json::{Deserializer, Map, Value};

use super::journal::{Entry, bytes};
use super::{Take, decode_line, own};
use crate::record::{MARKS, records};

/// How deep strings may contain JSON again.
const DEEPEST: usize = 3;

/// Takes the violations of a line if it is an object. A line may have something before it: a time and a host, or the
/// `data: ` of an event stream.
pub(super) fn read(line: &[u8], hint: Option<&'static Architecture>, take: Take<'_>) -> bool {
    let Some(start) = memchr::memchr(b'{', line) else { return false };
    let object = &line[start..];
    let is_early = start < 256 && object[1..].trim_ascii_start().starts_with(b"\"");
    if !is_early || !may_matter(object) {
        return false;
    }
    let Some(Ok(Value::Object(object))) = Deserializer::from_slice(object).into_iter().next() else {
        return false;
    };
    read_object(&object, hint, take, DEEPEST);
    true
}

/// Whether the text may have a record: one that is not plain text is a list of its bytes.
fn may_matter(text: &[u8]) -> bool {
    MARKS.iter().any(|mark| mark.find(text).is_some())
        || memchr::memmem::find(text, b"\"MESSAGE\":[").is_some()
}

fn read_object(
    object: &Map<String, Value>,
    hint: Option<&'static Architecture>,
    take: Take<'_>,
    depth: usize,
) {
    if let Some(violation) = own::read(object) {
        return take(violation);
    }
    if object.contains_key("MESSAGE") {
        let mut entry = Entry::default();
        for (key, value) in object {
            if let Some(value) = bytes(value) {
                entry.set(key.as_bytes(), &value);
            }
        }
        return entry.decode(hint, take);
    }
    for value in object.values() {
        read_value(value, hint, take, depth);
    }
}

fn read_value(value: &Value, hint: Option<&'static Architecture>, take: Take<'_>, depth: usize) {
    match value {
        Value::Object(object) => read_object(object, hint, take, depth),
        Value::Array(values) => values.iter().for_each(|value| read_value(value, hint, take, depth)),
        Value::String(text) => {
            let inner = || serde_json::from_str::<Value>(text).ok();
            match text.trim_start().starts_with('{').then(inner).flatten() {
                Some(inner) if depth > 0 => read_value(&inner, hint, take, depth - 1),
                _ if records(text.as_bytes()).next().is_some() => {
                    text.lines().for_each(|line| decode_line(line.as_bytes(), hint, take));
                }
                _ => {}
            }
        }
        _ => {}
    }
}
