//! A log of any size as lines of bounded length, in constant memory.

use std::io::{self, Read};

use memchr::memchr;

use crate::event::{LONGEST_LINE, Line};

const BUFFER: usize = 256 << 10;

/// Reads lines.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Box<[u8]>,
    /// The part of the buffer that was read and not yet returned.
    start: usize,
    end: usize,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; BUFFER].into(), start: 0, end: 0 }
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
        trimmed(&self.buffer[line])
    }

    /// Reads more into the buffer; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
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

/// The line without a carriage return at its end, cut if it is too long.
fn trimmed(bytes: &[u8]) -> Line<'_> {
    if bytes.len() > LONGEST_LINE {
        return Line { bytes: whole_fields(&bytes[..LONGEST_LINE]), is_cut: true };
    }
    Line { bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes), is_cut: false }
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
