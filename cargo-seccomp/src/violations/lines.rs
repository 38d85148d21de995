//! A log of any size as lines of bounded length, in constant memory.

use std::io::{self, Read};

use memchr::memchr;

/// The longest line that is kept whole. A record of the kernel's has at most 8970 bytes (`MAX_AUDIT_MESSAGE_LENGTH`
/// of `linux/audit.h`), and what auditd adds is as short.
pub(crate) const LONGEST: usize = 64 << 10;

/// How much is read at once.
const BUFFER: usize = 256 << 10;

/// Reads lines.
pub(crate) struct Lines<R> {
    from: R,
    buffer: Box<[u8]>,
    /// What of the buffer was read and not yet handed out.
    start: usize,
    end: usize,
}

/// A line without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether more of it was left out.
    pub(crate) is_cut: bool,
}

impl<R: Read> Lines<R> {
    pub(crate) fn of(from: R) -> Self {
        Self { from, buffer: vec![0; BUFFER].into(), start: 0, end: 0 }
    }

    /// The next line; none at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut searched = 0;
        loop {
            let rest = &self.buffer[self.start..self.end];
            if let Some(at) = memchr(b'\n', &rest[searched..]) {
                return Ok(Some(self.take(searched + at, 1)));
            }
            searched = rest.len();
            if searched > LONGEST {
                // One byte more than a line may have tells that it had more.
                searched = LONGEST + 1;
                self.end = self.start + searched;
            }
            if !self.fill()? {
                return Ok((searched > 0).then(|| self.take(searched, 0)));
            }
        }
    }

    /// Hands out this many bytes, and passes over some more.
    fn take(&mut self, length: usize, more: usize) -> Line<'_> {
        let line = self.start..self.start + length;
        self.start = line.end + more;
        Line::new(&self.buffer[line])
    }

    /// Reads more behind what there is; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        loop {
            match self.from.read(&mut self.buffer[self.end..]) {
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

impl<'a> Line<'a> {
    /// A line as it was read, with a carriage return before its end or without.
    fn new(bytes: &'a [u8]) -> Self {
        if bytes.len() > LONGEST {
            return Self { bytes: whole_words(&bytes[..LONGEST]), is_cut: true };
        }
        Self { bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes), is_cut: false }
    }
}

/// The text up to its last space: the word after it may be only half of what it was.
fn whole_words(cut: &[u8]) -> &[u8] {
    let last = cut.iter().rposition(u8::is_ascii_whitespace);
    &cut[..last.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{LONGEST, Lines};

    /// Gives one byte at a time, or as many as are asked for.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let most = into.len().min(self.1);
            self.0.read(&mut into[..most])
        }
    }

    fn lines(text: &[u8], at_once: usize) -> Vec<(Vec<u8>, bool)> {
        let mut from = Lines::of(Slow(text, at_once));
        let mut lines = Vec::new();
        while let Some(line) = from.next().expect("memory can be read") {
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
    fn a_line_without_end_is_cut_behind_a_word() {
        let mut text = vec![b'x'; LONGEST - 4];
        text.extend(b" abcdef=1\nnext\n".repeat(2));
        for at_once in [4096, 1 << 20] {
            let lines = lines(&text, at_once);
            assert_eq!((lines[0].0.len(), lines[0].1), (LONGEST - 4, true));
            assert_eq!(lines[1], (b"next".to_vec(), false));
        }
    }
}
