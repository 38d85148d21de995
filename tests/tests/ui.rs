//! Every mistake is one error with the words, the place and the remedy that a user needs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use seccomp_compiler::{Code, Severity};
use seccomp_tests::ui;

/// Checked once for all tests of this file.
static PRINTED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let printed = ui::printed_by_rustc(env!("CARGO_TARGET_TMPDIR"));
    ui::bless(&printed);
    printed
});

/// What the compiler says for other architectures than this one.
static ELSEWHERE: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let printed = ui::printed_for_architectures();
    ui::bless(&printed);
    printed
});

/// Codes that no policy provokes, with the reason.
const WITHOUT_CASE: &[(Code, &str)] = &[
    (Code::Unproved, "it is a defect of the compiler itself"),
    (Code::NoReporter, "no machine that tests are run on lacks one"),
];

#[test]
fn rustc_prints_what_the_cases_say() {
    ui::compare(&PRINTED);
}

#[test]
fn the_compiler_prints_what_the_cases_for_other_architectures_say() {
    assert!(!ELSEWHERE.is_empty());
    ui::compare(&ELSEWHERE);
}

#[test]
fn every_case_is_one_that_runs() {
    let printed: BTreeMap<_, _> = PRINTED.iter().chain(ELSEWHERE.iter()).collect();
    let policies = ui::stems("yaml");
    let expected = ui::stems("stderr");
    let strangers: Vec<&String> =
        policies.iter().chain(&expected).filter(|name| !printed.contains_key(name)).collect();
    assert!(strangers.is_empty(), "these files belong to no case: {strangers:?}");
    for (name, text) in printed {
        assert_eq!(
            text.is_empty(),
            name.starts_with("ok-"),
            "{name}: only an `ok-` case compiles in silence"
        );
        assert_ne!(
            expected.contains(name),
            name.starts_with("ok-"),
            "{name}: `ok-` and a .stderr exclude each other"
        );
    }
}

#[test]
fn every_error_has_a_case_named_by_its_code() {
    let cases: Vec<&String> = PRINTED.keys().chain(ELSEWHERE.keys()).collect();
    for code in Code::all().filter(|code| code.severity() == Severity::Error) {
        let excused = WITHOUT_CASE.iter().any(|(without, _)| *without == code);
        assert_ne!(cases.iter().any(|case| *case == code.name()), excused, "{}", code.name());
    }
}

#[test]
fn messages_are_lower_case_without_a_full_stop_and_name_no_path_of_this_machine() {
    let home = env!("CARGO_MANIFEST_DIR");
    for (name, text) in PRINTED.iter().chain(ELSEWHERE.iter()) {
        assert!(
            !text.contains(home) && !text.contains("$WORKSPACE"),
            "{name} names a path of this machine:\n{text}"
        );
        let is_first = |line: &&str| line.starts_with("error") || line.starts_with(&format!("{name}.yaml:"));
        for line in text.lines().filter(is_first) {
            assert!(!line.ends_with('.'), "{name}: {line}");
            // The place and the code first, if there are any: `error: file.yaml:1:2: [code] message` from rustc,
            // `file.yaml:1:2: error[code]: message` from the compiler.
            let message = line.split_once("] ").or_else(|| line.split_once("]: "));
            let message = message.map_or(line, |(_, message)| message);
            let first = message.split(' ').next().unwrap_or_default();
            let is_acronym = first.len() > 1 && first.chars().all(char::is_uppercase);
            assert!(is_acronym || message.starts_with(|c: char| !c.is_uppercase()), "{name}: {line}");
        }
    }
}
