//! What Auditbeat makes of a violation beyond its fields: facts about it, in `data/auditbeat-events.csv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::record::Violation;

static EVENTS: LazyLock<HashMap<&'static str, (&'static str, &'static str)>> = LazyLock::new(|| {
    let rows = include_str!("../../data/auditbeat-events.csv").lines().skip(1);
    rows.filter_map(|row| {
        let (syscall, event) = row.split_once(',')?;
        Some((syscall, event.split_once(',')?))
    })
    .collect()
});

/// `event.category` and the words of `event.type` for a violation by this call.
pub(super) fn classify(syscall: &str) -> (&'static str, &'static str) {
    EVENTS.get(syscall).copied().unwrap_or(("process", "info"))
}

/// Interpreters, whose threads are named after the script.
const INTERPRETERS: [&str; 4] = ["/usr/bin/python", "/usr/bin/sh", "/usr/bin/bash", "/usr/bin/perl"];

/// `auditd.summary.how`: the program, or the script that an interpreter runs.
pub(super) fn how(violation: &Violation) -> Option<&str> {
    let is_script = |program: &str| INTERPRETERS.iter().any(|interpreter| program.starts_with(interpreter));
    match &violation.thread {
        Some(thread) if violation.executable.as_deref().is_some_and(is_script) => Some(thread),
        _ => violation.program(),
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENTS, classify};

    #[test]
    fn every_call_of_the_table_exists() {
        assert_eq!(EVENTS.len(), 96);
        let all = || seccomp_compiler::Architecture::all();
        let unknown: Vec<_> =
            EVENTS.keys().filter(|call| all().all(|of| of.syscall_number(call).is_none())).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn a_call_is_classified_as_by_auditbeat() {
        for (call, expected) in [
            ("openat", ("file", "info")),
            ("unlinkat", ("file", "deletion")),
            ("connect", ("network", "connection start")),
            ("finit_module", ("driver", "start")),
            ("settimeofday", ("host", "change")),
            ("socket", ("process", "info")),
            ("clone3", ("process", "info")),
        ] {
            assert_eq!(classify(call), expected, "{call}");
        }
    }
}
