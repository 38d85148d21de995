//! Decodes a record: bytes to numbers, names and times, as many as can be read.

use core::str;

use seccomp_compiler::Architecture;
use seccomp_compiler::policy::ActionKind;

use super::fields::{Record, Value};
use super::violation::{Action, Identity, SIGKILL, Time, Violation, sigsys};

/// What the kernel writes for an ID that was never set.
const UNSET: u32 = u32::MAX;

/// Decodes a record. Fields that are missing or unreadable are left out.
pub fn decode(record: &Record<'_>) -> Violation {
    let mut violation = Violation::default();
    let mut names = Enrichment::default();
    violation.node = record.node.map(text);
    if let Some((time, serial)) = record.stamp.map(stamp) {
        (violation.time, violation.serial) = (time, serial);
    }
    for field in record.fields() {
        set(&mut violation, &mut names, field.key, field.value);
    }
    names.complete(&mut violation);
    violation
}

/// The serial number in a stamp.
pub(crate) fn serial(stamp: &[u8]) -> Option<u64> {
    self::stamp(stamp).1
}

/// The names that auditd adds, as the machine that wrote the record knows them.
#[derive(Default)]
struct Enrichment {
    login: Option<String>,
    user: Option<String>,
    group: Option<String>,
    syscall: Option<String>,
    arch: Option<&'static Architecture>,
    is_sigsys: bool,
}

/// Decodes one field. If a key is repeated its first value counts: the second one is from another record.
fn set(violation: &mut Violation, names: &mut Enrichment, key: &[u8], value: Value<'_>) {
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
            b"SIGSYS" => names.is_sigsys = true,
            b"SIGKILL" => first(&mut violation.signal, Some(SIGKILL)),
            _ => first(&mut violation.signal, decimal(bytes)),
        },
        b"arch" => first(&mut violation.arch, arch(bytes)),
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
        b"ARCH" => first(&mut names.arch, str::from_utf8(bytes).ok().and_then(Architecture::find)),
        _ => {}
    }
}

fn first<T>(place: &mut Option<T>, value: Option<T>) {
    if place.is_none() {
        *place = value;
    }
}

impl Enrichment {
    /// Adds names to numbers, and numbers to names.
    fn complete(self, violation: &mut Violation) {
        name_id(&mut violation.login, self.login);
        name_id(&mut violation.user, self.user);
        name_id(&mut violation.group, self.group);
        let architecture = match (violation.arch, self.arch) {
            (Some(arch), _) => Architecture::of_call(arch, violation.number.unwrap_or_default()),
            (None, named) => named,
        };
        violation.architecture = architecture;
        if self.is_sigsys {
            first(&mut violation.signal, sigsys(architecture));
        }
        violation.arch = violation.arch.or(architecture.map(Architecture::audit));
        let number = |name: &String| architecture?.syscall_number(name);
        violation.number = violation.number.or_else(|| self.syscall.as_ref().and_then(number));
        let name = violation.number.and_then(|number| architecture?.syscall_name(number));
        violation.syscall = name.map(str::to_owned).or(self.syscall);
    }
}

/// Names an ID. If auditd does not know the name it writes `unset`, `unknown(…)` or the number again.
fn name_id(identity: &mut Option<Identity>, name: Option<String>) {
    let Some(identity) = identity else { return };
    identity.name = name.filter(|name| !name.starts_with("unknown(") && *name != identity.id.to_string());
}

/// The time and serial number in `SECONDS.MILLIS:SERIAL`. ausearch may write the time as a date, which is not read.
fn stamp(stamp: &[u8]) -> (Option<Time>, Option<u64>) {
    let Some(stamp) = str::from_utf8(stamp).ok() else { return (None, None) };
    let (time, serial) = stamp.rsplit_once(':').unwrap_or((stamp, ""));
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let milliseconds: String = fraction.chars().chain("00".chars()).take(3).collect();
    let time = seconds.parse().ok().zip(milliseconds.parse().ok());
    (time.and_then(|(seconds, milliseconds)| Time::new(seconds, milliseconds)), serial.parse().ok())
}

/// A decimal number. Negative ones, such as `syscall=-1`, are 32-bit two's complement.
fn decimal(bytes: &[u8]) -> Option<u32> {
    let text = str::from_utf8(bytes).ok()?;
    text.parse().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

/// A hexadecimal number, with or without `0x`.
fn hexadecimal(bytes: &[u8]) -> Option<u64> {
    let digits = bytes.strip_prefix(b"0x").unwrap_or(bytes);
    let has_sign = !digits.iter().all(u8::is_ascii_hexdigit);
    u64::from_str_radix(str::from_utf8(digits).ok().filter(|_| !has_sign)?, 16).ok()
}

fn id(bytes: &[u8]) -> Option<u32> {
    decimal(bytes).filter(|id| *id != UNSET)
}

fn identity(bytes: &[u8]) -> Option<Identity> {
    id(bytes).map(|id| Identity { id, name: None })
}

/// An audit architecture, or the name that `ausearch --interpret` writes instead.
fn arch(bytes: &[u8]) -> Option<u32> {
    let named = || str::from_utf8(bytes).ok().and_then(Architecture::find).map(Architecture::audit);
    hexadecimal(bytes).and_then(|value| u32::try_from(value).ok()).or_else(named)
}

/// The return value of the filter, or the name of the action that `ausearch --interpret` writes instead.
fn code(bytes: &[u8]) -> Option<Action> {
    if let Some(code) = hexadecimal(bytes) {
        return u32::try_from(code).ok().map(Action::from_code);
    }
    let kind = match str::from_utf8(bytes).ok()?.replace('-', "_").as_str() {
        "kill" => Some(ActionKind::KillThread),
        name => ActionKind::find(name),
    };
    kind.map(|kind| Action::from_code(kind.return_value()))
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
        Value::Bare(b"(null)" | b"?" | b"") | Value::Interpreted(b"(null)" | b"?" | b"") => None,
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
