//! Decodes a record: bytes to numbers, names and times, as many as can be read.

use core::str;

use seccomp_compiler::Architecture;

use super::fields::{Field, Record, Value};
use super::number::{arch, code, decimal, hexadecimal, id};
use super::violation::{Identity, Time, Violation, signal};
use super::{audit_names, calls};

/// Decodes a record. Fields that are missing or unreadable are left out.
pub fn decode(record: &Record<'_>) -> Violation {
    decode_for(record, None)
}

/// Decodes a record; one that does not say which architecture it is about is about this one.
pub(crate) fn decode_for(record: &Record<'_>, hint: Option<&'static Architecture>) -> Violation {
    let mut violation = Violation::default();
    let mut names = Enrichment::default();
    violation.node = record.node.map(text);
    if let Some((time, serial)) = record.stamp.map(stamp) {
        (violation.time, violation.serial) = (time, serial);
    }
    let mut is_whole = false;
    for field in record.fields() {
        is_whole |= field.key == b"code";
        // The kernel writes `code` last: without it the record is cut off, maybe in the middle of this value.
        if is_whole || !is_cut(&field) {
            set(&mut violation, &mut names, field.key, field.value);
        }
    }
    names.complete(&mut violation, hint);
    violation
}

fn is_cut(field: &Field<'_>) -> bool {
    matches!(field.value, Value::Cut(_)) || field.is_last && !matches!(field.value, Value::Quoted(_))
}

/// The serial number in a stamp.
pub(crate) fn serial(stamp: &[u8]) -> Option<u64> {
    self::stamp(stamp).1
}

/// The names that auditd adds, as the machine that wrote the record knows them.
#[derive(Default)]
struct Enrichment<'a> {
    login: Option<String>,
    user: Option<String>,
    group: Option<String>,
    syscall: Option<String>,
    arch: Option<&'a str>,
    signal: Option<String>,
    /// Whether the call has the name that its number has on another architecture: that of the machine that ausearch ran
    /// on, if it does not know the record's.
    is_misnamed: bool,
}

/// Decodes one field. If a key is repeated its first value counts: the second one is from another record.
fn set<'a>(violation: &mut Violation, names: &mut Enrichment<'a>, key: &[u8], value: Value<'a>) {
    let bytes = value.bytes();
    match key {
        b"auid" => first(&mut violation.login, identity(bytes)),
        b"uid" => first(&mut violation.user, identity(bytes)),
        b"gid" => first(&mut violation.group, identity(bytes)),
        b"ses" => first(&mut violation.session, id(bytes)),
        b"subj" => first(&mut violation.subject, Some(text(bytes))),
        b"pid" => first(&mut violation.pid, decimal(bytes)),
        b"comm" => first(&mut violation.thread, untrusted(value)),
        b"exe" => first(&mut violation.executable, untrusted(value)),
        b"sig" => match bytes {
            [b'S', b'I', b'G', ..] => first(&mut names.signal, Some(text(bytes))),
            _ => first(&mut violation.signal, decimal(bytes)),
        },
        b"arch" => {
            names.is_misnamed |= bytes.starts_with(b"unknown-elf-type(");
            first(&mut violation.arch, arch(bytes));
        }
        b"syscall" => match decimal(bytes) {
            Some(number) => first(&mut violation.number, Some(number)),
            None => first(&mut names.syscall, syscall(bytes)),
        },
        b"compat" => first(&mut violation.compat, decimal(bytes)),
        b"ip" => first(&mut violation.instruction_pointer, hexadecimal(bytes)),
        b"code" => first(&mut violation.action, code(bytes)),
        b"AUID" => first(&mut names.login, name(bytes)),
        b"UID" => first(&mut names.user, name(bytes)),
        b"GID" => first(&mut names.group, name(bytes)),
        b"SYSCALL" => first(&mut names.syscall, syscall(bytes)),
        b"ARCH" => first(&mut names.arch, str::from_utf8(bytes).ok()),
        _ => {}
    }
}

fn first<T>(place: &mut Option<T>, value: Option<T>) {
    if place.is_none() {
        *place = value;
    }
}

impl Enrichment<'_> {
    /// Adds names to numbers, and numbers to names.
    fn complete(self, violation: &mut Violation, hint: Option<&'static Architecture>) {
        name_id(&mut violation.login, self.login);
        name_id(&mut violation.user, self.user);
        name_id(&mut violation.group, self.group);
        let number = violation.number.unwrap_or_default();
        let architecture = match violation.arch {
            Some(arch) => Architecture::of_call(arch, number),
            None => {
                let named = self.arch.and_then(Architecture::find).or(hint);
                named.and_then(|named| Architecture::of_call(named.audit(), number)).or(named)
            }
        };
        violation.architecture = architecture;
        first(&mut violation.signal, self.signal.and_then(|name| signal(&name, architecture)));
        violation.arch = violation.arch.or(architecture.map(Architecture::audit));
        let named = if self.is_misnamed { Architecture::host() } else { architecture };
        let number = |name: &String| audit_names::number(named?, name);
        violation.number = violation.number.or_else(|| self.syscall.as_ref().and_then(number));
        let name = violation.number.and_then(|number| calls::name(architecture?, number));
        violation.syscall = name.map(str::to_owned).or(self.syscall.filter(|_| !self.is_misnamed));
    }
}

/// Names an ID. If auditd does not know the name it writes `unset`, `unknown(…)` or the number again.
fn name_id(identity: &mut Option<Identity>, name: Option<String>) {
    let Some(Identity { id: Some(id), name: place }) = identity else { return };
    let id = id.to_string();
    *place = name.filter(|name| !name.starts_with("unknown(") && *name != id);
}

/// The time and serial number in `SECONDS.MILLIS:SERIAL`. ausearch may write the time as a date, which is not read;
/// Android's logger writes 0.0.
fn stamp(stamp: &[u8]) -> (Option<Time>, Option<u64>) {
    let Some(stamp) = str::from_utf8(stamp).ok() else { return (None, None) };
    let (time, serial) = stamp.rsplit_once(':').unwrap_or((stamp, ""));
    (Time::parse(time).filter(|time| *time != Time::default()), serial.parse().ok())
}

/// A user or group: the number, or the name that `ausearch --interpret` writes instead.
fn identity(bytes: &[u8]) -> Option<Identity> {
    let named = || Some(Identity { id: None, name: Some(name(bytes)?) });
    match decimal(bytes) {
        Some(_) => id(bytes).map(|id| Identity { id: Some(id), name: None }),
        None => named(),
    }
}

/// A name that auditd added. `unset` and `unknown` are not names.
fn name(bytes: &[u8]) -> Option<String> {
    let name = bytes.strip_suffix(b"\"").unwrap_or(bytes);
    let placeholders = [b"".as_slice(), b"unset", b"unknown", b"?", b"(null)"];
    (!placeholders.contains(&name) && !name.starts_with(b"unknown-")).then(|| text(name))
}

/// The name of a system call. A number that is too large is not a name either.
fn syscall(bytes: &[u8]) -> Option<String> {
    name(bytes).filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
}

/// A name that a program chose: verbatim in quotes, otherwise as hexadecimal digits.
fn untrusted(value: Value<'_>) -> Option<String> {
    match value {
        Value::Quoted(bytes) => Some(text(bytes)),
        Value::Bare(b"(null)" | b"?" | b"") | Value::Interpreted(b"(null)" | b"?" | b"") | Value::Cut(_) => {
            None
        }
        Value::Bare(digits) => Some(unhex(digits).map_or_else(|| text(digits), |bytes| text(&bytes))),
        Value::Interpreted(bytes) => Some(text(bytes)),
    }
}

/// Decodes pairs of upper-case hexadecimal digits, as the kernel writes them (`hex_byte_pack_upper`). A name that was
/// cut in the middle of a pair is left as digits.
fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || digits.iter().any(u8::is_ascii_lowercase) {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let values: Vec<u8> = digits.iter().map(digit).collect::<Option<_>>()?;
    let mut bytes: Vec<u8> = values.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    // Thread names are padded with zeros, which some kernels include.
    bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
    Some(bytes)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
