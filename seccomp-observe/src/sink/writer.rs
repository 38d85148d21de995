//! JSON objects that contain only what is known, written as text at once.

use core::fmt::{Display, Write as _};
use std::io::{self, Write};

use seccomp_compiler::is_plain;

/// A line of JSON that is being written.
#[derive(Debug, Default)]
pub(super) struct Line {
    text: String,
}

impl Line {
    /// Writes an object as one line.
    pub(super) fn write(&mut self, output: &mut dyn Write, fill: impl FnOnce(&mut Self)) -> io::Result<()> {
        self.text.clear();
        self.text.push('{');
        fill(self);
        self.text.push_str("}\n");
        output.write_all(self.text.as_bytes())
    }

    /// Adds an object, unless it is empty.
    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        let before = self.text.len();
        self.key(key);
        self.text.push('{');
        let start = self.text.len();
        fill(self);
        if self.text.len() == start {
            self.text.truncate(before);
        } else {
            self.text.push('}');
        }
    }

    /// Adds a string, if there is one.
    pub(super) fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.key(key);
            self.string(value);
        }
    }

    /// Adds what is shown as plain ASCII without quotes or backslashes, such as a number or a time, as a string.
    pub(super) fn shown(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.key(key);
            let start = self.text.len();
            // Writing to a string does not fail.
            write!(self.text, "\"{value}\"").unwrap_or_default();
            debug_assert!(
                self.text[start + 1..self.text.len() - 1].bytes().all(|byte| !b"\"\\".contains(&byte))
            );
        }
    }

    /// Adds a number, if there is one.
    pub(super) fn number(&mut self, key: &str, value: Option<impl Into<u64>>) {
        if let Some(value) = value {
            self.key(key);
            write!(self.text, "{}", value.into()).unwrap_or_default();
        }
    }

    /// Adds a list of words.
    pub(super) fn words<'a>(&mut self, key: &str, words: impl Iterator<Item = &'a str>) {
        self.key(key);
        self.text.push('[');
        for (position, word) in words.enumerate() {
            if position > 0 {
                self.text.push(',');
            }
            self.string(word);
        }
        self.text.push(']');
    }

    fn key(&mut self, key: &str) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        self.string(key);
        self.text.push(':');
    }

    /// A string in which only plain characters are written as they are.
    fn string(&mut self, value: &str) {
        self.text.push('"');
        if value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
            self.text.push_str(value);
        } else {
            value.chars().for_each(|c| self.character(c));
        }
        self.text.push('"');
    }

    fn character(&mut self, c: char) {
        match c {
            '"' | '\\' => {
                self.text.push('\\');
                self.text.push(c);
            }
            _ if is_plain(c) => self.text.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(self.text, "\\u{unit:04x}").unwrap_or_default();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    fn written(value: &str) -> String {
        let mut output = Vec::new();
        Line::default()
            .write(&mut output, |line| line.text("a", Some(value)))
            .expect("memory can be written");
        String::from_utf8(output).expect("UTF-8")
    }

    #[test]
    fn strings_are_read_back_and_only_plain_characters_are_raw() {
        let every = (0..=0x10_ffff).filter_map(char::from_u32).collect::<String>();
        for value in ["", "plain", "\"\\\u{1b}\u{202e}\u{e0041}ü", &every] {
            let line = written(value);
            let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            assert_eq!(read["a"], value);
            assert!(line.trim_end().chars().all(seccomp_compiler::is_plain));
        }
    }

    #[test]
    fn an_empty_object_is_left_out() {
        let mut output = Vec::new();
        let mut line = Line::default();
        line.write(&mut output, |line| {
            line.object("a", |line| line.text("b", None));
            line.object("c", |line| {
                line.number("d", Some(1_u32));
                line.shown("e", Some(2));
            });
            line.words("f", ["g", "h"].into_iter());
        })
        .expect("memory can be written");
        assert_eq!(String::from_utf8_lossy(&output), "{\"c\":{\"d\":1,\"e\":\"2\"},\"f\":[\"g\",\"h\"]}\n");
    }
}
