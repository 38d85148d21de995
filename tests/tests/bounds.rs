//! What a policy can make the compiler do is bounded: each of these, in its 256 kB, once took from ten seconds to
//! minutes, or hundreds of megabytes.

use std::fs;

use seccomp_compiler::{Architecture, Compiler, LoadError, SourceFile};
use seccomp_tests::bounded;

/// Compiles it in processor time and memory that only what grows without bound exceeds; the first problem, if there
/// is one.
fn outcome(name: &str, text: String) -> String {
    let x86_64 = Architecture::find("x86_64").expect("known");
    let file = SourceFile::new(format!("{name}.yaml"), text);
    let outcome = bounded(name, || Compiler::for_architecture(x86_64).compile(&file));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak: usize = peak.map_or(0, |kilobytes| kilobytes.parse().expect("a number"));
    assert!(peak < 256 * 1024, "{name} took {peak} kB");
    match outcome {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().next().expect("an error has a problem").message.clone(),
    }
}

fn policy(groups: &str) -> String {
    format!("default_action: errno\nsyscalls:\n{groups}")
}

fn group(entries: &str) -> String {
    format!("- action: allow\n  names_with_args:\n{entries}")
}

/// One condition in YAML, on an argument of 64 bits; `mask` where it has one.
fn condition(argument: usize, operation: &str, value: u64, mask: &str) -> String {
    format!("{{argument: {argument}, operation: {operation}, width: 64, value: {value}{mask}}}")
}

fn entry(conditions: &[String]) -> String {
    format!("  - {{name: prctl, arguments: [{}]}}\n", conditions.join(", "))
}

/// Numbers without a pattern, the same in every run.
fn scattered(count: usize) -> impl Iterator<Item = u64> {
    let mut random = oorandom::Rand64::new(7);
    std::iter::repeat_with(move || random.rand_u64() >> 8).take(count)
}

fn equal(value: u64) -> String {
    entry(&[condition(1, "Equal", value, "")])
}

#[test]
fn thousands_of_conditions_on_one_call() {
    let values: String = scattered(2500).map(equal).collect();
    let message = outcome("values", policy(&group(&values)));
    assert!(message.starts_with("the filter has "), "{message}");
    let small: String = (0..2500).map(|value| equal(value * 7)).collect();
    let message = outcome("small-values", policy(&group(&small)));
    assert!(message.starts_with("the filter has "), "{message}");
}

#[test]
fn hundreds_of_orders_and_masks_of_four_arguments() {
    for operation in ["LessThan", "MaskedEqual"] {
        let masked = operation == "MaskedEqual";
        let conditions = |value: u64| {
            let mask = if masked { format!(", mask: {}", value | value << 7) } else { String::new() };
            [1, 2, 3, 4].map(|argument| condition(argument, operation, value >> argument & value, &mask))
        };
        let entries: String = scattered(300).map(|value| entry(&conditions(value | 0x0f0f))).collect();
        let message = outcome(operation, policy(&group(&entries)));
        assert_ne!(message, "");
    }
}

#[test]
fn thousands_of_groups_that_may_decide_each_other() {
    let groups: String = scattered(1400).map(|value| group(&equal(value))).collect();
    let message = outcome("groups", policy(&groups));
    assert!(message.starts_with("the filter has "), "{message}");
    let same = "- {action: log, names: [read]}\n".repeat(8000);
    assert_eq!(outcome("same-groups", policy(&same)), "this rule for `read` is never reached");
}

#[test]
fn hundreds_of_expectations_of_hundreds_of_rules() {
    let rules: String = scattered(800).map(equal).collect();
    let expected: String = scattered(1600)
        .skip(800)
        .map(|value| format!("- action: errno\n  names_with_args:\n{}", equal(value)))
        .collect();
    outcome("expectations", format!("{}expect:\n{expected}", policy(&group(&rules))));
}

#[test]
fn thousands_of_expectations_that_override_each_other() {
    let refused = "- {action: refused, names: [reboot]}\n".repeat(3000);
    let overriding = "- {action: refused, overrides: true, names: [reboot]}\n".repeat(2000);
    let message =
        outcome("overriding", format!("{}expect:\n{refused}{overriding}", policy(&group(&equal(1)))));
    assert!(message.contains("too complex to prove"), "{message}");
    let sets = "- {action: refused, overrides: true, names: ['@known']}\n".repeat(4000);
    let message = outcome("expected-sets", format!("{}expect:\n{sets}", policy(&group(&equal(1)))));
    assert!(message.starts_with("the policy expands to more than 65536 rules"), "{message}");
}

#[test]
fn aliases_and_sets_that_stand_for_much() {
    let aliases =
        format!("- &g\n  action: allow\n  names: [read, write, close, brk]\n{}", "- *g\n".repeat(20_000));
    let message = outcome("aliases", policy(&aliases));
    assert!(message.contains("more than 65536 values"), "{message}");
    let sets = "- {action: log, names: ['@known']}\n".repeat(7000);
    let message = outcome("sets", policy(&sets));
    assert!(message.starts_with("the policy expands to more than 65536 rules"), "{message}");
}

#[test]
fn thousands_of_mistakes_on_one_line_and_on_many() {
    let line = format!("- action: allow\n  names: [{}]\n", "'read', ".repeat(30_000));
    assert_eq!(outcome("line", policy(&line)), "`read` is listed twice in this group");
    let unknown = (0..3000).map(|at| {
        format!("  - {{name: prctl, arguments: [{{argument: 0, operation: Equal, value: PR_FOO_{at}}}]}}\n")
    });
    let message = outcome("constants", policy(&group(&unknown.collect::<String>())));
    assert_eq!(message, "unknown constant `PR_FOO_0`");
}

/// A file of the largest size that is read, of this many bytes at most.
fn filled(before: &str, unit: &str) -> String {
    format!("{before}{}", unit.repeat((250_000 - before.len()) / unit.len()))
}

#[test]
fn brackets_behind_a_quote_that_opens_nothing() {
    for (before, unit) in [
        ("a 'b: ", "["),
        ("a\n  \"b: ", "{"),
        ("a 'b: ", "[ \"]\", "),
        ("a 'b: ", "{a: \"}\", "),
        ("a 'b: ", "[,#]\n"),
        ("a 'b: ", "[ !<]> "),
    ] {
        let message = outcome(unit, filled(before, unit));
        assert!(message.starts_with("the policy has more than "), "{before}{unit}…: {message}");
    }
}

#[test]
fn empty_lists_and_merges_on_one_line() {
    // The position of an empty collection is looked for in the text.
    for (before, unit) in [
        ("default_action: log\nsyscalls: [", "[],"),
        ("default_action: log\nsyscalls: [", "{},"),
        ("default_action: log\na: &e []\nsyscalls: [", "*e,"),
        ("default_action: log\na: &e {}\nsyscalls:\n", "- *e\n"),
        ("default_action: log\na: &e {}\nsyscalls: [", "{<<: *e},"),
        ("default_action: log\na: &e {}\nsyscalls:\n", "- {<<: *e}\n"),
        ("seccomp: {default_action: log}\n", "<<: {a: b}\n"),
        ("- ", "- "),
        ("", "? "),
        ("a: &a ", "&a "),
        ("", "a: {a: b}\n"),
    ] {
        let end = if before.ends_with('[') { "]" } else { "" };
        let message = outcome(unit, filled(before, unit) + end);
        assert_ne!(message, "", "{unit}");
    }
}

#[test]
fn includes_without_end() {
    let x86_64 = Architecture::find("x86_64").expect("known");
    for (files, message) in [
        ("include: [NEXT.yaml]", "the policy includes files more than 64 levels deep"),
        (
            "include: [a/NEXT.yaml, b/NEXT.yaml, c/NEXT.yaml]",
            "the policy includes files more than 64 levels deep",
        ),
    ] {
        let load = |name: &str| {
            let number: usize = name
                .rsplit('/')
                .next()
                .and_then(|name| name.strip_suffix(".yaml")?.parse().ok())
                .unwrap_or(0);
            Ok::<_, LoadError>(files.replace("NEXT", &(number + 1).to_string()).into_bytes())
        };
        let first = SourceFile::new("0.yaml", format!("default_action: log\n{}", files.replace("NEXT", "1")));
        let outcome =
            bounded("includes", || Compiler::for_architecture(x86_64).loader(&load).compile(&first));
        let problems = outcome.expect_err("it has no end").to_string();
        assert!(problems.contains(message), "{problems}");
    }
    let wide: String = (0..30_000).map(|at| format!("{at},")).collect();
    let wide =
        SourceFile::new("0.yaml", format!("default_action: log\ninclude: [{}]", wide.replace(',', "a,")));
    let load = |_: &str| Ok::<_, LoadError>(b"expect: []".to_vec());
    let outcome = bounded("wide", || Compiler::for_architecture(x86_64).loader(&load).compile(&wide));
    assert!(outcome.is_err_and(|problems| {
        problems.iter().any(|it| it.message == "the policy includes more than 1024 files")
    }));
}

/// Parts of YAML, repeated until the file has the largest size that is read: what no bound covers takes minutes. These
/// are a few of all that there are; `SAMPLES=20000` tries nearly all.
#[test]
fn what_is_repeated_takes_no_longer_than_its_length() {
    const BEFORE: [&str; 6] =
        ["", "a 'b: ", "a \"b: ", "default_action: log\na: &a []\nsyscalls: [", "seccomp:\n  - ", "- {"];
    const PARTS: [&str; 29] = [
        "", "[", "{", "]", "}", "'", "\"", "- ", "? ", ": ", "&a ", "*a", "!x ", "!<'> ", "|\n", ">\n ",
        "\n", " ", "#", ",", "%", "--- ", "...\n", "\\", "a", "<<: ", "a: ", "é", "\t",
    ];
    let x86_64 = Architecture::find("x86_64").expect("known");
    let samples = std::env::var("SAMPLES").map_or(40, |samples| samples.parse().expect("a number"));
    let mut random = oorandom::Rand32::new(11);
    let mut one_of = |parts: &[&'static str]| {
        let count = u32::try_from(parts.len()).expect("few");
        parts[random.rand_range(0..count) as usize]
    };
    for _ in 0..samples {
        let before = one_of(&BEFORE);
        let unit: String = (0..3).map(|_| one_of(&PARTS)).collect();
        let file = SourceFile::new("0.yaml", filled(before, if unit.is_empty() { "a" } else { &unit }));
        let _shown = bounded(&format!("{before:?} {unit:?}"), || {
            Compiler::for_architecture(x86_64).compile(&file).map_err(|problems| problems.to_string())
        });
    }
}
