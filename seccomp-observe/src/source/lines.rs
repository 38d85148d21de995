//! A log of any size as lines of bounded length, in constant memory.

use std::io::{self, Read};

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

use crate::event::{LONGEST_LINE, Line};
use crate::record::MARKS;
use crate::tally;

const BUFFER: usize = 256 << 10;

/// Reads lines.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Box<[u8]>,
    /// The part of the buffer that was read and not yet returned.
    start: usize,
    end: usize,
    /// Where each of the marks is next in the buffer, if that is known; the end of the buffer if it is not there.
    next: [Option<usize>; 5],
    /// Whether the buffer was never filled.
    is_new: bool,
    /// Whether the lines are the fields of entries, which all matter.
    is_journal: bool,
}

/// What a line has one of, if it matters.
fn marks() -> [&'static Finder<'static>; 5] {
    let [number, name, reason] = &*MARKS;
    let [suppressed, lost] = &*tally::MARKS;
    [number, name, reason, suppressed, lost]
}

/// What the first lines of a journal's entries have.
const FIELDS: [&[u8]; 2] = [b"MESSAGE", b"_BOOT_ID"];

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        let buffer = vec![0; BUFFER].into();
        Self { reader, buffer, start: 0, end: 0, next: [None; 5], is_new: true, is_journal: false }
    }

    /// Whether there is nothing left; unless all lines are wanted, nothing that may matter. What does not is skipped.
    pub(super) fn is_at_end(&mut self, all: bool) -> io::Result<bool> {
        if self.is_new {
            self.fill()?;
            let start = &self.buffer[..self.end];
            self.is_journal = FIELDS.iter().any(|field| memchr::memmem::find(start, field).is_some());
        }
        if !all && !self.is_journal {
            self.skip()?;
        }
        Ok(self.start == self.end && !self.fill()?)
    }

    /// Skips complete lines that have none of the marks; at the end of the input, also an incomplete one.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let mark = self.mark();
            let before = &self.buffer[self.start..mark.unwrap_or(self.end)];
            self.start += memrchr(b'\n', before).map_or(0, |newline| newline + 1);
            if mark.is_some() || self.end - self.start > LONGEST_LINE {
                return Ok(());
            }
            if !self.fill()? {
                self.start = self.end;
                return Ok(());
            }
        }
    }

    /// The first mark in the buffer.
    fn mark(&mut self) -> Option<usize> {
        let (start, end) = (self.start, self.end);
        for (finder, next) in marks().into_iter().zip(&mut self.next) {
            if next.is_none_or(|next| next < start) {
                let found = finder.find(&self.buffer[start..end]);
                *next = Some(found.map_or(end, |found| start + found));
            }
        }
        self.next.iter().copied().flatten().min().filter(|mark| *mark < end)
    }

    /// The next line, or `None` at the end.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut searched = 0;
        loop {
            let rest = &self.buffer[self.start..self.end];
            if let Some(length) = memchr(b'\n', &rest[searched..]) {
                return Ok(Some(self.take(searched + length, 1)));
            }
            searched = rest.len();
            if searched > LONGEST_LINE {
                // The one byte too many shows that the line was longer.
                searched = LONGEST_LINE + 1;
                self.end = self.start + searched;
            }
            if !self.fill()? {
                return Ok((searched > 0).then(|| self.take(searched, 0)));
            }
        }
    }

    /// Returns the next bytes as a line, and skips some more.
    fn take(&mut self, length: usize, skipped: usize) -> Line<'_> {
        let line = self.start..self.start + length;
        self.start = line.end + skipped;
        trimmed(&self.buffer[line], self.is_journal)
    }

    /// Reads more into the buffer; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.is_new = false;
        self.next = [None; 5];
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(read) => {
                    self.end += read;
                    return Ok(read > 0);
                }
            }
        }
    }
}

/// The line, cut if it is too long, without a carriage return at its end, which is part of a value in a journal.
fn trimmed(bytes: &[u8], is_journal: bool) -> Line<'_> {
    if bytes.len() > LONGEST_LINE {
        return Line { bytes: whole_fields(&bytes[..LONGEST_LINE]), is_cut: true };
    }
    let text = bytes.strip_suffix(b"\r").filter(|_| !is_journal);
    Line { bytes: text.unwrap_or(bytes), is_cut: false }
}

/// The text up to its last space: what follows may be half a field.
fn whole_fields(cut: &[u8]) -> &[u8] {
    let last = cut.iter().rposition(u8::is_ascii_whitespace);
    &cut[..last.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{LONGEST_LINE, Lines};

    /// Reads at most this many bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let most = into.len().min(self.1);
            self.0.read(&mut into[..most])
        }
    }

    fn lines(text: &[u8], at_once: usize) -> Vec<(Vec<u8>, bool)> {
        let mut reader = Lines::new(Slow(text, at_once));
        let mut lines = Vec::new();
        while let Some(line) = reader.next_line().expect("memory can be read") {
            lines.push((line.bytes.to_vec(), line.is_cut));
        }
        lines
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let text = b"one\r\n\ntwo three\nfour";
        let expected: Vec<(Vec<u8>, bool)> =
            [b"one".as_slice(), b"", b"two three", b"four"].map(|line| (line.to_vec(), false)).into();
        for at_once in [1, 2, 3, 5, 100] {
            assert_eq!(lines(text, at_once), expected);
        }
    }

    #[test]
    fn lines_that_do_not_matter_are_skipped_and_no_other() {
        let filler = "a line without anything\n".repeat(40_000);
        let text = format!("{filler}1 SECCOMP\n{filler}2 type=1326\n3 seccomp\nno\n{filler}4 SECCOMP");
        for at_once in [7, 4096, 1 << 20] {
            let mut reader = Lines::new(Slow(text.as_bytes(), at_once));
            let mut lines = Vec::new();
            while !reader.is_at_end(false).expect("memory can be read") {
                let line = reader.next_line().expect("memory can be read").expect("a line");
                lines.push(String::from_utf8_lossy(line.bytes).into_owned());
            }
            assert_eq!(lines, ["1 SECCOMP", "2 type=1326", "3 seccomp", "4 SECCOMP"]);
        }
    }

    #[test]
    fn every_line_of_a_journal_matters() {
        let mut reader = Lines::new("_BOOT_ID=1\nA=b\n\nC=d\n".as_bytes());
        let mut count = 0;
        while !reader.is_at_end(false).expect("memory can be read") {
            reader.next_line().expect("memory can be read").expect("a line");
            count += 1;
        }
        assert_eq!(count, 4);
    }

    #[test]
    fn an_endless_line_is_cut_after_a_field() {
        let mut text = vec![b'x'; LONGEST_LINE - 4];
        text.extend(b" abcdef=1\nnext\n".repeat(2));
        for at_once in [4096, 1 << 20] {
            let lines = lines(&text, at_once);
            assert_eq!((lines[0].0.len(), lines[0].1), (LONGEST_LINE - 4, true));
            assert_eq!(lines[1], (b"next".to_vec(), false));
        }
    }
}
