//! Policies whose diagrams are large, or small where one would not expect it.

use seccomp_compiler::{Architecture, Compiler, SourceFile};
use seccomp_tests::{bounded, random};

use super::{answers, compiled};

/// Numbers in alternation take a test of their bit, and tests where they begin and end.
#[test]
fn numbers_in_alternation_are_told_by_a_bit() {
    let x86_64 = Architecture::find("x86_64").expect("known");
    for (numbers, length) in [(0..256, 10), (10..100, 11), (0..128, 13), (7..300, 13)] {
        let names: Vec<&str> =
            numbers.clone().step_by(2).filter_map(|number| x86_64.syscall_name(number)).collect();
        let text = format!("{{default_action: errno, syscalls: [{{action: allow, names: {names:?}}}]}}");
        let compiled = compiled(&text, x86_64);
        assert_eq!(compiled.program().instructions.len(), length, "{numbers:?}");
    }
}

/// The three ways to entangle conditions that are known to defeat diagrams over bits.
fn adversaries() -> [(&'static str, String); 3] {
    use std::fmt::Write as _;
    let mut random = oorandom::Rand64::new(7);
    let header = "default_action: errno\nsyscalls:\n- action: allow\n  names_with_args:\n";
    let mut masks = header.to_owned();
    for bit in 0..20 {
        let (low, high) = (1_u64 << bit, 1_u64 << (63 - bit));
        let mask = low | high;
        writeln!(
            masks,
            "  - {{name: prctl, arguments: [{{argument: 1, operation: MaskedEqual, mask: {mask}, value: {low}}}]}}"
        )
        .expect("a string can be written");
    }
    let mut mixed = header.to_owned();
    for _ in 0..60 {
        let conditions = (0..6).map(|argument| {
            format!("{{argument: {argument}, operation: Equal, width: 64, value: {}}}", random.rand_u64())
        });
        let conditions: Vec<String> = conditions.collect();
        writeln!(mixed, "  - {{name: prctl, arguments: [{}]}}", conditions.join(", "))
            .expect("a string can be written");
    }
    let mut values = header.to_owned();
    for _ in 0..400 {
        writeln!(
            values,
            "  - {{name: prctl, arguments: [{{argument: 1, operation: Equal, value: {}}}]}}",
            random.rand_u64()
        )
        .expect("a string can be written");
    }
    [
        ("20 masks of distant bits", masks),
        ("60 entries of 6 conditions", mixed),
        ("400 values of 64 bits", values),
    ]
}

#[test]
fn adversarial_policies_end_in_a_proof_or_an_error_soon() {
    let x86_64 = Architecture::find("x86_64").expect("known");
    for (name, text) in adversaries() {
        let file = SourceFile::new("adversary.yaml", text);
        let outcome = bounded(name, || Compiler::for_architecture(x86_64).compile(&file));
        match &outcome {
            Ok(compiled) => {
                let (rules, program) = (compiled.rules(), compiled.program());
                for call in random::calls(rules) {
                    assert_eq!(answers(program, &call), rules.decide(&call));
                }
                println!("{name}: {} instructions proved", program.instructions.len());
            }
            Err(problems) => println!("{name}: refused\n{problems}"),
        }
    }
}

/// However many warnings come first, an error stops the build: a rule that was not understood must not be left out.
#[test]
fn an_error_after_thousands_of_warnings_is_an_error() {
    use std::fmt::Write as _;
    let mut text = "default_action: allow\nsyscalls:\n- action: errno\n  names_with_args:\n".to_owned();
    for _ in 0..2000 {
        text.push_str("  - {name: brk, arguments: [{argument: 5, operation: Equal, value: 1}]}\n");
    }
    writeln!(text, "  - {{name: opne, arguments: [{{argument: 0, operation: Equal, value: 1}}]}}")
        .expect("writable");
    let x86_64 = Architecture::find("x86_64").expect("known");
    let problems = Compiler::for_architecture(x86_64)
        .compile(&SourceFile::new("many.yaml", text))
        .expect_err("there is no `opne`");
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, ["unknown system call `opne`"]);
}
