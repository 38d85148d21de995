//! Finds where records begin in a line, whatever comes before them.
//!
//! The kernel writes `audit: type=1326 audit(SECONDS.MILLIS:SERIAL): key=value …`, auditd writes `type=SECCOMP
//! msg=audit(…): …`, and journald `audit[PID]: SECCOMP key=value …`; what comes before that (a priority, a time, a
//! host name) differs between systems. So a record is found by how it begins, anywhere on the line. Linux 3.5 and 3.6
//! write `type=1701` with `reason="seccomp"` instead, the type of any process that a signal ends.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

/// Where a record begins, and where its text does: behind its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Beginning {
    pub(super) start: usize,
    pub(super) body: usize,
}

/// What every record contains one of.
pub(crate) static MARKS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["1326", "SECCOMP", "seccomp"].map(Finder::new));

/// The beginnings of records in this line, in order.
pub(super) fn beginnings(line: &[u8]) -> impl Iterator<Item = Beginning> {
    let find = |mark: usize, beginning: fn(&[u8], usize, usize) -> Option<Beginning>| {
        let finder = &MARKS[mark];
        let ends = finder.find_iter(line).map(move |start| (start, start + finder.needle().len()));
        ends.filter_map(move |(start, end)| beginning(line, start, end)).peekable()
    };
    let (mut numbers, mut names, mut reasons) = (find(0, by_number), find(1, by_name), find(2, by_reason));
    let mut given = 0;
    core::iter::from_fn(move || {
        loop {
            let next = [numbers.peek(), names.peek(), reasons.peek()].into_iter().flatten().min().copied()?;
            numbers.next_if_eq(&next);
            names.next_if_eq(&next);
            reasons.next_if_eq(&next);
            // Two reasons may be of one record.
            if next.start >= given {
                given = next.body;
                return Some(next);
            }
        }
    })
}

/// `type=1326`, or `type=UNKNOWN[1326]` of an auditd that does not know the type.
fn by_number(line: &[u8], start: usize, end: usize) -> Option<Beginning> {
    let (key, end) = match line[..start].strip_suffix(b"UNKNOWN[") {
        Some(before) if line[end..].starts_with(b"]") => (before, end + 1),
        Some(_) => return None,
        None => (&line[..start], end),
    };
    typed(line, key, end)
}

fn by_name(line: &[u8], start: usize, end: usize) -> Option<Beginning> {
    typed(line, &line[..start], end).or_else(|| identified(line, start, end))
}

/// `type=`, then a type that ends here.
fn typed(line: &[u8], before: &[u8], end: usize) -> Option<Beginning> {
    let start = before.strip_suffix(b"type=")?;
    // Not the end of another key, such as `xtype`; a record that was cut off ends in a hexadecimal digit.
    let is_key = |byte: &u8| matches!(byte, b'g'..=b'z' | b'G'..=b'Z' | b'_' | b'-');
    let is_whole = !start.last().is_some_and(is_key);
    let is_ended = line.get(end).is_none_or(|byte| byte.is_ascii_whitespace());
    (is_whole && is_ended).then_some(Beginning { start: start.len(), body: end })
}

/// What may be directly before the name of a type that stands alone: who logs it (`audit[7053]: `, `audit: `), an opening
/// bracket, or the key or quote of a message. A program cannot choose a name that looks like this: the kernel writes
/// names with spaces or quotes as hexadecimal digits.
const BEFORE_NAME: [&[u8]; 7] = [b": ", b"[ ", b"MESSAGE=", b"message=", b"msg=", b"\"", b"\0"];

/// The name of a type that stands alone, before the first field of the record.
fn identified(line: &[u8], start: usize, end: usize) -> Option<Beginning> {
    let before = &line[..start];
    let is_first = before.trim_ascii().is_empty() || BEFORE_NAME.iter().any(|known| before.ends_with(known));
    let is_followed = line[end..]
        .strip_prefix(b" ")
        .is_some_and(|body| [b"auid=".as_slice(), b"uid=", b"pid="].iter().any(|key| body.starts_with(key)));
    (is_first && is_followed).then_some(Beginning { start, body: end })
}

/// `reason="seccomp"` of the nearest record before it that tells why a process ended.
fn by_reason(line: &[u8], start: usize, _: usize) -> Option<Beginning> {
    let reason = line[..start].strip_suffix(b"\"").unwrap_or(&line[..start]).strip_suffix(b" reason=")?;
    let named = |name: &[u8], beginning: fn(&[u8], usize, usize) -> Option<Beginning>| {
        let at = memmem::rfind(reason, name)?;
        beginning(line, at, at + name.len())
    };
    named(b"1701", by_number).max(named(b"ANOM_ABEND", by_name))
}
