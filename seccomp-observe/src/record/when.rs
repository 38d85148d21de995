//! Times as people write them.

use std::time::{Duration, SystemTime};

use super::violation::Time;

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

impl Time {
    /// The time that these words mean, in UTC: `2026-11-22`, `2026-11-22 10:00`, RFC 3339, `@1795341600`, `now`, `today`,
    /// `yesterday`, or how long ago it is: `2h`, `1day 6h`.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use seccomp_observe::Time;
    ///
    /// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_341_600);
    /// let time = |words| Time::from_words(words, now).map(|time| time.to_string());
    /// assert_eq!(time("today").as_deref(), Some("2026-11-22T00:00:00Z"));
    /// assert_eq!(time("90min ago").as_deref(), Some("2026-11-22T08:30:00Z"));
    /// assert_eq!(time("2026-11-22 09:15").as_deref(), Some("2026-11-22T09:15:00Z"));
    /// assert_eq!(time("soon"), None);
    /// ```
    pub fn from_words(words: &str, now: SystemTime) -> Option<Self> {
        let words = words.trim();
        let midnight = |days_ago: u64| {
            let seconds = now.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
            Self::new((seconds / DAY).checked_sub(days_ago)? * DAY, 0)
        };
        match words {
            "now" => return Self::from_system(now),
            "today" => return midnight(0),
            "yesterday" => return midnight(1),
            _ => {}
        }
        if let Some(seconds) = words.strip_prefix('@') {
            return Self::parse(seconds);
        }
        date(words).or_else(|| {
            let ago = words.strip_suffix("ago").or_else(|| words.strip_prefix('-')).unwrap_or(words);
            let ago: Duration = humantime::parse_duration(ago.trim()).ok()?;
            Self::from_system(now.checked_sub(ago)?)
        })
    }
}

/// A date, with as much of a time as there is.
fn date(words: &str) -> Option<Time> {
    let full = words.replacen(' ', "T", 1);
    let full = match full.len() {
        10 => full + "T00:00:00Z",
        16 => full + ":00Z",
        19 => full + "Z",
        _ => full,
    };
    crate::text::rfc_3339(&full)
}
