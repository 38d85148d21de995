//! From the lines of a log to violations: one record may be spread over several lines, and one line may report more
//! than a record.

mod journal;
mod json;
mod own;
mod prefix;
mod wrapped;

use seccomp_compiler::Architecture;

use crate::record::{Violation, decode_for, records};
use journal::Entry;
pub(crate) use prefix::rfc_3339;
use wrapped::Wrapped;

/// What is done with each violation.
pub(crate) type Take<'a> = &'a mut dyn FnMut(Violation);

/// A log that is being read.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// The architecture of records that do not say which they are about.
    hint: Option<&'static Architecture>,
    /// Whether each record has to be decoded before the next line is there.
    is_live: bool,
    wrapped: Wrapped,
    entry: Entry,
}

impl Text {
    pub(crate) fn new(hint: Option<&'static Architecture>, is_live: bool) -> Self {
        Self { hint, is_live, ..Self::default() }
    }

    /// Whether the next line matters whatever it contains.
    pub(crate) fn is_open(&self) -> bool {
        self.wrapped.is_open() || self.entry.is_open()
    }

    /// Takes the next line.
    pub(crate) fn line(&mut self, line: &[u8], take: Take<'_>) {
        if self.wrapped.is_open() {
            if self.wrapped.join(line) {
                return;
            }
            self.end_wrapped(take);
        }
        match self.entry.line(line) {
            journal::Part::Inside => return,
            journal::Part::Next => {
                self.end_entry(take);
                self.entry.line(line);
                return;
            }
            journal::Part::Outside => self.end_entry(take),
        }
        if !json::read(line, self.hint, take) {
            self.plain(line, take);
        }
    }

    /// Takes the end of the log.
    pub(crate) fn finish(&mut self, take: Take<'_>) {
        self.end_wrapped(take);
        self.end_entry(take);
    }

    /// A line as it is. Its last record may go on in the next line.
    fn plain(&mut self, line: &[u8], take: Take<'_>) {
        if Wrapped::may_begin(line, self.is_live) {
            self.wrapped.begin(line);
        } else {
            decode_line(line, self.hint, take);
        }
    }

    fn end_wrapped(&mut self, take: Take<'_>) {
        if self.wrapped.is_open() {
            decode_line(self.wrapped.text(), self.hint, take);
            self.wrapped.clear();
        }
    }

    fn end_entry(&mut self, take: Take<'_>) {
        if self.entry.is_open() {
            self.entry.decode(self.hint, take);
            self.entry = Entry::default();
        }
    }
}

/// Decodes the records of a line.
fn decode_line(line: &[u8], hint: Option<&'static Architecture>, take: Take<'_>) {
    let mut times = None;
    for record in records(line) {
        let mut violation = decode_for(&record, hint);
        violation.times = *times.get_or_insert_with(|| prefix::times(line));
        if record.stamp.is_none() {
            violation.time = prefix::time(line);
        }
        take(violation);
    }
}

#[cfg(test)]
mod tests;
