//! Records that were broken into several lines, as in a mail.

use memchr::memmem;

use crate::record::{ADDED, records};

/// A record whose end may be in the next line.
#[derive(Debug, Default)]
pub(super) struct Wrapped {
    text: Vec<u8>,
    lines: usize,
}

/// More lines than a record is ever broken into; the kernel's have at most 8970 bytes.
const MOST_LINES: usize = 100;
const LONGEST: usize = 16 << 10;

/// Lines longer than this are not of a text that was broken.
const WIDEST: usize = 200;

/// The keys of a record, by which a line may go on.
const KEYS: [&[u8]; 16] = [
    b"auid=",
    b"uid=",
    b"gid=",
    b"ses=",
    b"subj=",
    b"pid=",
    b"comm=",
    b"exe=",
    b"sig=",
    b"arch=",
    b"syscall=",
    b"compat=",
    b"ip=",
    b"code=",
    b"reason=",
    b"msg=audit(",
];

impl Wrapped {
    /// Whether the last record of this line may go on in the next one: the kernel writes `code` last, and auditd appends
    /// names to it.
    pub(super) fn may_begin(line: &[u8], is_live: bool) -> bool {
        line.len() <= WIDEST && records(line).last().is_some_and(|record| !is_live || !is_whole(record.body))
    }

    pub(super) fn begin(&mut self, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.lines = 1;
    }

    pub(super) fn is_open(&self) -> bool {
        self.lines > 0
    }

    /// The lines so far as one.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.lines = 0;
    }

    /// Adds the next line if it goes on with the record.
    pub(super) fn join(&mut self, line: &[u8]) -> bool {
        let is_mark = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>' || *byte == b'|';
        let start = line.iter().position(|byte| !is_mark(byte)).unwrap_or(line.len());
        let rest = &line[start..];
        let goes_on =
            self.lines < MOST_LINES && self.text.len() + rest.len() < LONGEST && self.is_continued_by(rest);
        if goes_on {
            self.text.push(b' ');
            self.text.extend_from_slice(rest);
            self.lines += 1;
        }
        goes_on
    }

    fn is_continued_by(&self, rest: &[u8]) -> bool {
        if rest.is_empty() || rest.len() > WIDEST || records(rest).next().is_some() {
            return false;
        }
        let starts = |keys: &[&[u8]]| keys.iter().any(|key| rest.starts_with(key));
        if is_whole(&self.text) {
            return starts(&ADDED);
        }
        let is_in_stamp =
            memmem::rfind(&self.text, b"audit(").is_some_and(|start| !self.text[start..].contains(&b')'));
        starts(&KEYS) || rest.starts_with(b"(") || rest.starts_with(b"audit(") || is_in_stamp
    }
}

fn is_whole(record: &[u8]) -> bool {
    memmem::find(record, b" code=").is_some()
}
