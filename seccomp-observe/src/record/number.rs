//! Numbers and names as records have them.

use core::str;

use seccomp_compiler::Architecture;
use seccomp_compiler::policy::ActionKind;

use super::violation::Action;

/// What the kernel writes for an ID that was never set.
const UNSET: u32 = u32::MAX;

/// A decimal number. Negative ones, such as `syscall=-1`, are 32-bit two's complement.
pub(super) fn decimal(bytes: &[u8]) -> Option<u32> {
    let bytes = inside_unknown(bytes);
    let sign = usize::from(bytes.starts_with(b"-"));
    let digits = leading(&bytes[sign..], u8::is_ascii_digit)?;
    let text = str::from_utf8(&bytes[..sign + digits.len()]).ok()?;
    text.parse().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

/// A hexadecimal number, with or without `0x`.
pub(super) fn hexadecimal(bytes: &[u8]) -> Option<u64> {
    let bytes = inside_unknown(bytes);
    let digits = bytes.strip_prefix(b"0x").unwrap_or(bytes);
    u64::from_str_radix(leading(digits, u8::is_ascii_hexdigit)?, 16).ok()
}

/// The digits before whatever a tool put behind a number: punctuation, a control character as it is or as it is
/// displayed (`#035`), but not a letter, which would be part of a word.
fn leading(bytes: &[u8], is_digit: fn(&u8) -> bool) -> Option<&str> {
    let end = bytes.iter().position(|byte| !is_digit(byte)).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at(end);
    let is_word =
        rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'.');
    str::from_utf8(digits).ok().filter(|digits| !digits.is_empty() && !is_word)
}

/// The number in `unknown-syscall(451)` and the like, by which `ausearch --interpret` says that it knows no name.
fn inside_unknown(bytes: &[u8]) -> &[u8] {
    let inside = || {
        let (_, number) = str::from_utf8(bytes.strip_prefix(b"unknown")?).ok()?.split_once('(')?;
        number.split_once(')').map(|(number, _)| number.as_bytes())
    };
    inside().unwrap_or(bytes)
}

/// An ID that was set.
pub(super) fn id(bytes: &[u8]) -> Option<u32> {
    decimal(bytes).filter(|id| *id != UNSET)
}

/// An audit architecture, or the name that `ausearch --interpret` writes instead.
pub(super) fn arch(bytes: &[u8]) -> Option<u32> {
    let named = || str::from_utf8(bytes).ok().and_then(Architecture::find).map(Architecture::audit);
    hexadecimal(bytes).and_then(|value| u32::try_from(value).ok()).or_else(named)
}

/// The return value of the filter, or the name of the action that `ausearch --interpret` writes instead.
pub(crate) fn code(bytes: &[u8]) -> Option<Action> {
    if let Some(digits) = inside_unknown(bytes).strip_prefix(b"0x") {
        // Whatever follows it: nothing of the kernel's does.
        let end = digits.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(digits.len());
        let code = u32::from_str_radix(str::from_utf8(&digits[..end]).ok()?, 16);
        return code.ok().and_then(Action::from_code);
    }
    match str::from_utf8(bytes).ok()? {
        "user-notify" => Some(Action::Known(ActionKind::UserNotif)),
        // Of audit 4.1, also for `kill_process`.
        "kill-thread" => Some(Action::Kill),
        name => Action::find(&name.replace('-', "_")),
    }
}
