//! What a recording keeps.

use proptest::prelude::*;
use seccomp_tools::recording::{MAX_VALUES, Recording};

use crate::random::{X86_64, architecture, call, events, recording};

/// What a recording says, whatever the order in which it came to know it.
fn said(recording: &Recording) -> Vec<String> {
    let mut said: Vec<String> = recording
        .observations()
        .map(|seen| {
            let values: Vec<_> = seen.seen().map(|it| (it.arguments, it.count)).collect();
            let mut threads: Vec<&str> = seen.threads().collect();
            threads.sort_unstable();
            format!(
                "{} {} {} {:?} {threads:?} {values:?}",
                seen.program(),
                seen.name(),
                seen.runs(),
                seen.kept()
            )
        })
        .collect();
    said.sort_unstable();
    said
}

fn merged(recordings: &[&Recording]) -> Recording {
    let (first, others) = recordings.split_first().expect("there is one");
    let mut merged = (*first).clone();
    others.iter().for_each(|other| merged.merge((*other).clone()));
    merged
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_does_not_depend_on_an_order(
        a in events(architecture(X86_64)), b in events(architecture(X86_64)), c in events(architecture("aarch64")),
    ) {
        let (a, b, c) = (recording(&a, X86_64), recording(&b, X86_64), recording(&c, "aarch64"));
        let left = merged(&[&merged(&[&a, &b]), &c]);
        let right = merged(&[&a, &merged(&[&b, &c])]);
        prop_assert_eq!(said(&left), said(&right));
        prop_assert_eq!(said(&left), said(&merged(&[&c, &b, &a])));
    }

    #[test]
    fn merging_gives_what_one_recording_would(
        a in events(architecture(X86_64)), b in events(architecture(X86_64)),
    ) {
        let of_both = recording(&[a.clone(), b.clone()].concat(), X86_64);
        let merged = merged(&[&recording(&a, X86_64), &recording(&b, X86_64)]);
        let all = |recording: &Recording| -> Vec<_> {
            recording.observations().map(|seen| (seen.name(), seen.count(), seen.kept())).collect()
        };
        prop_assert_eq!(all(&of_both), all(&merged));
    }

    #[test]
    fn a_recording_survives_its_json(events in events(architecture(X86_64))) {
        let recording = recording(&events, X86_64);
        let text = recording.to_json();
        let again = Recording::from_json(text.as_bytes());
        let again = again.map_err(|problem| TestCaseError::fail(problem.to_string()))?;
        prop_assert_eq!(said(&again), said(&recording));
        prop_assert_eq!(again.to_json(), text);
    }

    #[test]
    fn damaged_evidence_never_panics(
        events in events(architecture(X86_64)), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut text = recording(&events, X86_64).to_json().into_bytes();
        let at = at.index(text.len());
        if cut { text.truncate(at) } else { text[at] = byte }
        if let Ok(read) = Recording::from_json(&text) {
            let written = read.to_json();
            prop_assert!(Recording::from_json(written.as_bytes()).is_ok_and(|again| again.to_json() == written));
        }
    }

    #[test]
    fn arbitrary_bytes_are_no_evidence(bytes in any::<Vec<u8>>()) {
        prop_assert!(Recording::from_json(&bytes).is_err());
    }
}

#[test]
fn an_argument_with_many_values_is_no_longer_told_apart() {
    let most = u64::try_from(MAX_VALUES).expect("it is small");
    let events: Vec<_> = (0..=most).map(|request| call("ioctl", [0, request, 0, 0, 0, 0])).collect();
    let few = recording(&events[1..], X86_64);
    let seen = few.observations().next().expect("there is one");
    assert_eq!(seen.values(1).map(|values| values.len()), Some(MAX_VALUES));
    let many = recording(&events, X86_64);
    let seen = many.observations().next().expect("there is one");
    assert_eq!((seen.values(1), seen.count(), seen.kept()), (None, most + 1, [0; 6]));
}

#[test]
fn bits_that_the_kernel_ignores_are_not_kept() {
    let events =
        [call("ioctl", [0, 0x5401, 0, 0, 0, 0]), call("ioctl", [0, 0xdead_beef_0000_5401, 0, 0, 0, 0])];
    let recording = recording(&events, X86_64);
    let seen = recording.observations().next().expect("there is one");
    assert_eq!(seen.values(1), Some(vec![0x5401]));
}

#[test]
fn evidence_with_mistakes_says_what_is_wrong() {
    let text = recording(&[call("ioctl", [0, 0x5401, 0, 0, 0, 0])], X86_64).to_json();
    let mistakes = [
        ("\"version\": 1", "\"version\": 2", "its version is 2; this program reads 1"),
        ("\"lost\": 0", "\"lost\": 0, \"found\": 0", "the recording has an unknown key `found`"),
        ("\"ioctl\"", "\"ioctrl\"", "x86_64 has no call ioctrl"),
        ("\"count\": 1", "\"count\": -1", "`count` of what was seen of a call is not a number"),
        ("\"1\": \"0xffffffff\"", "\"1\": \"0xff\"", "have bits that are not `kept`"),
        ("\"stack\": 0", "\"stack\": 1", "a `stack` is not one of `stacks`"),
        ("\"seccomp-recording\"", "\"else\"", "its `format` is not \"seccomp-recording\""),
    ];
    for (right, wrong, expected) in mistakes {
        assert!(text.contains(right), "{text}");
        let problem = Recording::from_json(text.replace(right, wrong).as_bytes()).expect_err(wrong);
        assert!(problem.to_string().contains(expected), "{problem}");
    }
}
