//! Finds the SECCOMP records in a line and the fields in a record, without copying.
//!
//! The kernel writes `audit: type=1326 audit(SECONDS.MILLIS:SERIAL): key=value …`, auditd writes `type=SECCOMP
//! msg=audit(…): …`, and journald `audit[PID]: SECCOMP key=value …`; what comes before that (a priority, a time, a
//! host name) differs between systems. So a record is found by how it begins, anywhere on the line, and ends where the
//! next one begins. Fields are found by their keys, because their number and order depend on the kernel's version and
//! its security modules.

use memchr::{memchr, memchr2, memmem};

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

/// How records begin. A program cannot choose a name that looks like this: the kernel writes names with spaces as
/// hexadecimal digits.
const BEGINNINGS: [&[u8]; 3] = [b"type=1326 ", b"type=SECCOMP ", b"]: SECCOMP "];

/// Separates the kernel's record from the names that auditd appends to it.
const ENRICHED: u8 = 0x1d;

/// The records on a line.
pub fn records(line: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut beginnings = beginnings(line).peekable();
    let mut before = 0;
    core::iter::from_fn(move || {
        let (start, body) = beginnings.next()?;
        let end = beginnings.peek().map_or(line.len(), |(next, _)| *next);
        // The text before a record is the end of the previous one, and may name the node of this one.
        let node = node(&line[before..start]);
        before = body;
        Some(Record::new(node, &line[body..end]))
    })
}

/// The start of each record and of its text, in order.
fn beginnings(line: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    // Nearly every line of an audit log is another type of record, which these two searches reject.
    let ending_in = |word: &'static [u8]| {
        memmem::find_iter(line, word).filter_map(move |start| beginning(line, start + word.len())).peekable()
    };
    let (mut by_number, mut by_name) = (ending_in(b"1326 "), ending_in(b"SECCOMP "));
    core::iter::from_fn(move || match (by_number.peek(), by_name.peek()) {
        (Some(number), Some(name)) if name < number => by_name.next(),
        (None, _) => by_name.next(),
        _ => by_number.next(),
    })
}

/// The start of the beginning that ends here, if one does, and this end.
fn beginning(line: &[u8], end: usize) -> Option<(usize, usize)> {
    let beginning = BEGINNINGS.into_iter().find(|beginning| line[..end].ends_with(beginning))?;
    let start = end - beginning.len();
    // Not the end of another key, such as `xtype`; a record that was cut off ends in a hexadecimal digit.
    let is_key = |byte: u8| matches!(byte, b'g'..=b'z' | b'G'..=b'Z' | b'_' | b'-');
    let is_whole = beginning.starts_with(b"]") || start == 0 || !is_key(line[start - 1]);
    is_whole.then_some((start, end))
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

    /// The length of what follows the names in a record that `ausearch --interpret` wrote; it alone puts a space before
    /// the colon after the stamp. It writes names without quotes, so they may contain spaces and look like fields. The
    /// last ` sig=` is the kernel's, which writes no names after it.
    fn after_names(&self) -> Option<usize> {
        let is_interpreted = self.stamp.is_some() && self.body.starts_with(b") :");
        is_interpreted.then(|| memmem::rfind(self.body, b" sig=").map_or(0, |start| self.body.len() - start))
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
}

/// A value, by how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// In quotes, which are not part of it. The closing one may be missing at the end of the record.
    Quoted(&'a [u8]),
    /// Without quotes; a name that a program chose may be written as hexadecimal digits.
    Bare(&'a [u8]),
    /// A name that a program chose, verbatim and without quotes.
    Interpreted(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The value, however it is written.
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Quoted(bytes) | Self::Bare(bytes) | Self::Interpreted(bytes) => bytes,
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
    let field = |value| Some(Field { key, value });
    if let (b"comm" | b"exe", Some(after)) = (key, after_names) {
        let names = value.len().checked_sub(after).map(|end| &value[..end]);
        let executable = names.filter(|_| key == b"comm").and_then(|names| memmem::find(names, b" exe="));
        let end = executable.or(names.map(<[u8]>::len)).unwrap_or(word.len());
        let (value, rest) = value.split_at(end);
        return Some((field(Value::Interpreted(value)), rest));
    }
    let Some(quoted) = value.strip_prefix(b"\"") else {
        let end = if key == b"code" { end_of_code(word) } else { None };
        let (value, rest) = value.split_at(end.unwrap_or(word.len()));
        return Some((field(Value::Bare(value)), rest));
    };
    let end = memchr2(b'"', ENRICHED, quoted).unwrap_or(quoted.len());
    let (value, rest) = quoted.split_at(end);
    Some((field(Value::Quoted(value)), rest.strip_prefix(b"\"").unwrap_or(rest)))
}

/// The end of the kernel's last value if auditd's names follow immediately: text copied from a terminal has lost the
/// separator.
fn end_of_code(word: &[u8]) -> Option<usize> {
    let added = [b"AUID=".as_slice(), b"UID=", b"GID=", b"ARCH=", b"SYSCALL="];
    added.into_iter().filter_map(|key| memmem::find(word, key)).min()
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
mod tests {
    use super::{Record, Value, records};

    fn keys(record: &Record<'_>) -> Vec<String> {
        record.fields().map(|field| String::from_utf8_lossy(field.key).into_owned()).collect()
    }

    #[test]
    fn a_record_is_found_after_any_prefix() {
        for prefix in [
            "",
            "<6>[   12.345678] ",
            "[Sun Nov 22 10:00:00 2026] ",
            "6,812,3456789,-;",
            "Nov 22 10:00:00 db kernel: ",
        ] {
            let line = format!("{prefix}audit: type=1326 audit(1.002:3): auid=0 pid=4");
            let all: Vec<_> = records(line.as_bytes()).collect();
            assert_eq!(all.len(), 1, "{line}");
            assert_eq!(
                (all[0].stamp, keys(&all[0])),
                (Some(b"1.002:3".as_slice()), vec!["auid".into(), "pid".into()])
            );
        }
    }

    #[test]
    fn records_on_one_line_end_where_the_next_begins() {
        let line =
            b"type=SECCOMP msg=audit(1.2:3): auid=0 pid=4 node=far type=SECCOMP msg=audit(1.2:4): auid=1";
        let all: Vec<_> = records(line).collect();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].node, keys(&all[0]).len()), (None, 3));
        assert_eq!((all[1].node, all[1].stamp), (Some(b"far".as_slice()), Some(b"1.2:4".as_slice())));
    }

    #[test]
    fn a_name_is_not_taken_for_a_record() {
        let line = br#"type=SECCOMP msg=audit(1.2:3): comm="type=1326" exe="/type=SECCOMP" xtype=1326 pid=4"#;
        let all: Vec<_> = records(line).collect();
        assert_eq!(all.len(), 1);
        assert_eq!(keys(&all[0]), ["comm", "exe", "xtype", "pid"]);
        assert_eq!(records(b"type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=1326 x=1").count(), 0);
    }

    #[test]
    fn auditds_names_are_not_part_of_the_last_value() {
        let line = b"type=SECCOMP msg=audit(1.2:3): comm=\"a b=c\" code=0x0\x1dARCH=x86_64 AUID=\"unset\"";
        let record = records(line).next().expect("a record");
        let values: Vec<_> = record.fields().map(|field| field.value).collect();
        let expected: [Value<'_>; 4] =
            [Value::Quoted(b"a b=c"), Value::Bare(b"0x0"), Value::Bare(b"x86_64"), Value::Quoted(b"unset")];
        assert_eq!(values, expected);
    }

    #[test]
    fn nor_are_they_without_the_separator() {
        let line = b"type=SECCOMP msg=audit(1.2:3): code=0x80000000AUID=\"ada\" UID=\"ada\"";
        let record = records(line).next().expect("a record");
        assert_eq!(keys(&record), ["code", "AUID", "UID"]);
        assert_eq!(record.fields().next().map(|field| field.value), Some(Value::Bare(b"0x80000000")));
    }

    #[test]
    fn names_in_interpreted_records_may_contain_anything() {
        for (comm, exe) in
            [("media worker", "/bin/my prog"), ("\"a", "/b sig=0 code=log exe=/c"), ("a", "/b")]
        {
            let line =
                format!("type=SECCOMP msg=audit(today 1.2:3) : comm={comm} exe={exe} sig=SIGSYS code=trap");
            let record = records(line.as_bytes()).next().expect("a record");
            assert_eq!(keys(&record), ["comm", "exe", "sig", "code"]);
            let values: Vec<_> = record.fields().map(|field| field.value).take(2).collect();
            assert_eq!(values, [Value::Interpreted(comm.as_bytes()), Value::Interpreted(exe.as_bytes())]);
        }
    }

    #[test]
    fn a_record_may_end_anywhere() {
        let line = b"type=SECCOMP msg=audit(1.2:3): auid=0 comm=\"a\" exe=\"/bin/b\" arch=c000003e code=0x0";
        for end in 0..line.len() {
            for record in records(&line[..end]) {
                assert!(record.fields().count() <= 5);
            }
        }
    }
}
