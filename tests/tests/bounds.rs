//! What a policy can make the compiler do is bounded: each of these, in its 256 kB, once took from ten seconds to
//! minutes, or hundreds of megabytes.

use std::fs;

use seccomp_compiler::{Architecture, Compiler, SourceFile};
use seccomp_tests::processor_seconds;

/// Compiles it in processor time and memory that only what grows without bound exceeds; the first problem, if there
/// is one.
fn outcome(name: &str, text: String) -> String {
    let x86_64 = Architecture::find("x86_64").expect("known");
    let file = SourceFile::new(format!("{name}.yaml"), text);
    let (outcome, seconds) = processor_seconds(|| Compiler::for_architecture(x86_64).compile(&file));
    println!("{name}: {seconds:.2} s");
    // Ten times what the slowest of them takes.
    assert!(seconds < 10.0, "{name} took {seconds} s");
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
