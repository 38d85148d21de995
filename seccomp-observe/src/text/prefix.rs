//! What a log says before a record: when it was written, and how often.

use std::sync::LazyLock;
use std::time::Duration;

use memchr::memmem::Finder;

use crate::record::Time;

static REPEATED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("message repeated "));

/// How many records a line reports: syslog daemons write `message repeated 3 times: [ … ]`.
pub(super) fn times(line: &[u8]) -> u64 {
    let times = || {
        let rest = &line[REPEATED.find(line)? + REPEATED.needle().len()..];
        let (number, rest) = rest.split_at(rest.iter().position(|byte| !byte.is_ascii_digit())?);
        let number: u32 = str::from_utf8(number).ok()?.parse().ok().filter(|times| *times > 0)?;
        rest.starts_with(b" times: [").then_some(number.into())
    };
    times().unwrap_or(1)
}

/// The time at the start of a line, if it is complete: RFC 3339, with or without a colon in the offset, or seconds since
/// 1970. `Nov 22 10:00:00` has neither year nor zone.
pub(super) fn time(line: &[u8]) -> Option<Time> {
    let word = line.split(u8::is_ascii_whitespace).find(|word| !word.is_empty())?;
    let word = str::from_utf8(word).ok()?;
    // Fewer digits before the point are the seconds since the machine started.
    match word.split_once('.') {
        Some((seconds, _)) if seconds.len() >= 9 && seconds.bytes().all(|byte| byte.is_ascii_digit()) => {
            Time::parse(word)
        }
        _ => rfc_3339(word),
    }
}

/// A time with an offset from UTC.
pub(crate) fn rfc_3339(text: &str) -> Option<Time> {
    let seconds = "2026-11-22T10:00:00".len();
    let (start, rest) = text.split_at_checked(seconds)?;
    let end = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (fraction, offset) = rest.split_at(end);
    let local = humantime::parse_rfc3339(&format!("{start}{fraction}Z")).ok()?;
    if offset == "Z" {
        return Time::from_system(local);
    }
    let digits: String = offset.get(1..)?.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let number = |text: &str, most: u64| text.parse::<u64>().ok().filter(|number| *number <= most);
    let is_complete = minutes.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let offset_minutes = number(hours, 24)? * 60 + number(minutes, 59).filter(|_| is_complete)?;
    let difference = Duration::from_secs(offset_minutes * 60);
    let utc = match offset.starts_with('+') {
        true => local.checked_sub(difference),
        false => local.checked_add(difference),
    };
    Time::from_system(utc?)
}

#[cfg(test)]
mod tests {
    use super::{time, times};

    #[test]
    fn a_complete_time_is_read_and_no_other() {
        for (line, expected) in [
            ("2026-11-30T14:50:26+0100 host audit[96]: SECCOMP", Some("2026-11-30T13:50:26.000Z")),
            ("2026-11-20T08:15:01.250112+01:00 web1 kernel:", Some("2026-11-20T07:15:01.250Z")),
            ("2026-11-20T08:15:01.25-05:30 web1 kernel:", Some("2026-11-20T13:45:01.250Z")),
            ("2026-11-20T08:15:01Z a", Some("2026-11-20T08:15:01.000Z")),
            ("1796050226.639000 testvm audit[1]:", Some("2026-11-30T14:50:26.639Z")),
            ("25.739125 testvm audit[1]:", None),
            ("Nov 22 10:00:00 db audit[4711]: SECCOMP", None),
            ("2026-11-20T08:15:01 a", None),
            ("2026-11-20T08:15:01+1 a", None),
            ("", None),
        ] {
            assert_eq!(time(line.as_bytes()).map(|time| time.precise()).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_repeated_message_is_counted() {
        assert_eq!(times(b"audit[7]: message repeated 3 times: [ SECCOMP auid=1"), 3);
        assert_eq!(times(b"audit[7]: message repeated 0 times: [ SECCOMP auid=1"), 1);
        assert_eq!(times(b"audit[7]: message repeated many times: [ SECCOMP"), 1);
        assert_eq!(times(b"message repeated 3"), 1);
    }
}
