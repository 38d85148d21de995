//! A line to the SECCOMP records in it, and a record to its fields, as bytes and without a copy.
//!
//! The kernel writes `audit: type=1326 audit(SECONDS.MILLIS:SERIAL): key=value …`, auditd writes `type=SECCOMP
//! msg=audit(…): …`, and journald `audit[PID]: SECCOMP key=value …`; whatever stands before (a priority, a time, the
//! name of a host) differs from system to system. So a record is found by its beginning, wherever on the line that
//! is, and ends where the next one begins. Fields are found by their keys: their number and order depend on the
//! kernel's version and on its security modules.

use memchr::{memchr, memchr2, memmem};

/// One record, undecoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The host, where auditd names it with `node=`.
    pub(crate) node: Option<&'a [u8]>,
    /// What stands in `audit(…)`.
    pub(crate) stamp: Option<&'a [u8]>,
    /// The fields.
    pub(crate) body: &'a [u8],
}

/// How a record begins. A name that a program chooses cannot pass for it: the kernel writes one that holds a space
/// as hexadecimal digits.
const BEGINNINGS: [&[u8]; 3] = [b"type=1326 ", b"type=SECCOMP ", b"]: SECCOMP "];

/// Separates what auditd appends to a record of the kernel's from the record.
const ENRICHED: u8 = 0x1d;

/// The records on one line.
pub(crate) fn records(line: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut beginnings = beginnings(line).peekable();
    let mut before = 0;
    core::iter::from_fn(move || {
        let (start, body) = beginnings.next()?;
        let end = beginnings.peek().map_or(line.len(), |(next, _)| *next);
        // What stands before a beginning is the end of the record before it, and may name the node of this one.
        let node = node(&line[before..start]);
        before = body;
        Some(Record::new(node, &line[body..end]))
    })
}

/// Where records begin, in order, and where what they say does.
fn beginnings(line: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    // Nearly every line of an audit log is some other record: two searches tell.
    let of = |word: &'static [u8]| {
        memmem::find_iter(line, word).filter_map(move |at| beginning(line, at + word.len())).peekable()
    };
    let (mut by_number, mut by_name) = (of(b"1326 "), of(b"SECCOMP "));
    core::iter::from_fn(move || match (by_number.peek(), by_name.peek()) {
        (Some(number), Some(name)) if name < number => by_name.next(),
        (None, _) => by_name.next(),
        _ => by_number.next(),
    })
}

/// The beginning that ends here, if one does.
fn beginning(line: &[u8], end: usize) -> Option<(usize, usize)> {
    let form = BEGINNINGS.into_iter().find(|form| line[..end].ends_with(form))?;
    let start = end - form.len();
    // Another key may end like this; a record that was cut off ends in a digit.
    let is_key = |byte: u8| matches!(byte, b'g'..=b'z' | b'G'..=b'Z' | b'_' | b'-');
    let free = form.starts_with(b"]") || start == 0 || !is_key(line[start - 1]);
    free.then_some((start, end))
}

/// The value of a `node=` right before a record.
fn node(before: &[u8]) -> Option<&[u8]> {
    let before = before.trim_ascii_end();
    let word = before.rsplit(u8::is_ascii_whitespace).next()?;
    word.strip_prefix(b"node=").filter(|name| !name.is_empty())
}

impl<'a> Record<'a> {
    /// The record of which this is what follows its type.
    pub(crate) fn new(node: Option<&'a [u8]>, text: &'a [u8]) -> Self {
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

    /// How much of a record follows the names in it that stand there without quotes or digits, as `ausearch --interpret`
    /// writes them, which alone sets a space before the colon after the stamp. Such names may hold spaces and what looks
    /// like fields; the last ` sig=` is the kernel's, as it writes no other name after that.
    fn after_names(&self) -> Option<usize> {
        let is_interpreted = self.stamp.is_some() && self.body.starts_with(b") :");
        is_interpreted.then(|| memmem::rfind(self.body, b" sig=").map_or(0, |at| self.body.len() - at))
    }

    /// Its fields in their order; what is none, as the colon after the stamp, is passed over.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let mut rest = self.body;
        let after_names = self.after_names();
        core::iter::from_fn(move || {
            loop {
                let between = rest.iter().take_while(|byte| is_between(**byte)).count();
                let (field, after) = field(&rest[between..], after_names)?;
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
pub(crate) struct Field<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) value: Value<'a>,
}

/// A value as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// In quotes, which are left out. A closing one may be missing at the end of the record.
    Quoted(&'a [u8]),
    /// Bare, and a name that a program chose may be in hexadecimal digits.
    Word(&'a [u8]),
    /// A name that a program chose, as it is, without quotes.
    Plain(&'a [u8]),
}

impl<'a> Value<'a> {
    /// What it is, with quotes or without.
    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Quoted(bytes) | Self::Word(bytes) | Self::Plain(bytes) => bytes,
        }
    }
}

/// The first word of `text` as a field, if it is one, and what comes after it. So much follows plain names, if it has
/// such.
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
        return Some((field(Value::Plain(value)), rest));
    }
    let Some(quoted) = value.strip_prefix(b"\"") else {
        let end = if key == b"code" { end_of_code(word) } else { None };
        let (value, rest) = value.split_at(end.unwrap_or(word.len()));
        return Some((field(Value::Word(value)), rest));
    };
    let end = memchr2(b'"', ENRICHED, quoted).unwrap_or(quoted.len());
    let (value, rest) = quoted.split_at(end);
    Some((field(Value::Quoted(value)), rest.strip_prefix(b"\"").unwrap_or(rest)))
}

/// Where the last value of the kernel's ends, if what auditd adds follows it at once: a copy from a terminal lacks the
/// byte between them.
fn end_of_code(word: &[u8]) -> Option<usize> {
    let added = [b"AUID=".as_slice(), b"UID=", b"GID=", b"ARCH=", b"SYSCALL="];
    added.into_iter().filter_map(|key| memmem::find(word, key)).min()
}

/// The word that `text` begins with, and the rest.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| is_between(*byte)).unwrap_or(text.len()))
}

/// Whether this byte ends a word.
fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == ENRICHED
}

#[cfg(test)]
mod tests {
    use super::{Record, Value, records};

    fn keys(record: &Record<'_>) -> Vec<String> {
        record.fields().map(|field| String::from_utf8_lossy(field.key).into_owned()).collect()
    }

    #[test]
    fn a_record_is_found_behind_any_prefix() {
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
    fn a_name_does_not_pass_for_a_beginning() {
        let line = br#"type=SECCOMP msg=audit(1.2:3): comm="type=1326" exe="/type=SECCOMP" xtype=1326 pid=4"#;
        let all: Vec<_> = records(line).collect();
        assert_eq!(all.len(), 1);
        assert_eq!(keys(&all[0]), ["comm", "exe", "xtype", "pid"]);
        assert_eq!(records(b"type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=1326 x=1").count(), 0);
    }

    #[test]
    fn quotes_and_what_auditd_adds_are_told_apart() {
        let line = b"type=SECCOMP msg=audit(1.2:3): comm=\"a b=c\" code=0x0\x1dARCH=x86_64 AUID=\"unset\"";
        let record = records(line).next().expect("a record");
        let values: Vec<_> = record.fields().map(|field| field.value).collect();
        let expected: [Value<'_>; 4] =
            [Value::Quoted(b"a b=c"), Value::Word(b"0x0"), Value::Word(b"x86_64"), Value::Quoted(b"unset")];
        assert_eq!(values, expected);
    }

    #[test]
    fn what_auditd_adds_is_told_apart_without_its_separator() {
        let line = b"type=SECCOMP msg=audit(1.2:3): code=0x80000000AUID=\"ada\" UID=\"ada\"";
        let record = records(line).next().expect("a record");
        assert_eq!(keys(&record), ["code", "AUID", "UID"]);
        assert_eq!(record.fields().next().map(|field| field.value), Some(Value::Word(b"0x80000000")));
    }

    #[test]
    fn names_in_interpreted_records_may_hold_anything() {
        for (comm, exe) in
            [("media worker", "/bin/my prog"), ("\"a", "/b sig=0 code=log exe=/c"), ("a", "/b")]
        {
            let line =
                format!("type=SECCOMP msg=audit(today 1.2:3) : comm={comm} exe={exe} sig=SIGSYS code=trap");
            let record = records(line.as_bytes()).next().expect("a record");
            assert_eq!(keys(&record), ["comm", "exe", "sig", "code"]);
            let values: Vec<_> = record.fields().map(|field| field.value).take(2).collect();
            assert_eq!(values, [Value::Plain(comm.as_bytes()), Value::Plain(exe.as_bytes())]);
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
