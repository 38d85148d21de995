//! The proof as its adversaries see it: random policies, mutants of real programs, and programs of other hands.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use seccomp_compiler::{
    Architecture, ArgCondition, Call, Comparison, Compiled, Compiler, Endian, Instruction, InvalidRules,
    Locator, NotCompiled, Program, Refused, ReportTo, Reporter, Rule, RuleSet, SourceFile, Then, Verdict,
    opcode, verify,
};
use seccomp_tests::{processor_seconds, random};

/// Few enough for every test run; `PROPTEST_CASES=100000` takes its time.
fn config() -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60);
    Config { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() }
}

fn compiled(text: &str, architecture: &'static Architecture) -> Compiled {
    let compiled = Compiler::for_architecture(architecture).compile(&SourceFile::new("random.yaml", text));
    compiled.unwrap_or_else(|problems| panic!("{architecture}: {problems}\n{text}"))
}

/// None for a policy of which a rule happens never to decide.
fn unless_redundant(text: &str, architecture: &'static Architecture) -> Option<Compiled> {
    match Compiler::for_architecture(architecture).compile(&SourceFile::new("random.yaml", text)) {
        Ok(compiled) => Some(compiled),
        Err(problems) if random::is_redundant(&problems) => None,
        Err(problems) => panic!("{architecture}: {problems}\n{text}"),
    }
}

/// Most random policies compile; else the others would show nothing.
#[test]
fn most_random_policies_are_not_redundant() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    use proptest::test_runner::TestRunner;
    let x86_64 = Architecture::find("x86_64").expect("known");
    let mut runner = TestRunner::deterministic();
    let strategy = random::policy();
    let text = |_| strategy.new_tree(&mut runner).expect("the strategy rejects nothing").current();
    let compiled = (0..100).map(text).filter(|text| unless_redundant(text, x86_64).is_some()).count();
    assert!(compiled > 60, "{compiled} of 100");
}

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

fn answers(program: &Program, call: &Call) -> Verdict {
    Verdict::from_return_value(program.run(call).expect("a proved program runs"))
}

proptest! {
    #![proptest_config(config())]

    /// `compile` proves each program; the interpreter, which has no part in the proof, agrees on every edge.
    #[test]
    fn random_policies_compile_and_run_as_they_decide(text in random::policy()) {
        for architecture in Architecture::all().filter(|architecture| random::fits(&text, architecture)) {
            let Some(compiled) = unless_redundant(&text, architecture) else { continue };
            let (rules, program) = (compiled.rules(), compiled.program());
            for call in &random::calls(rules) {
                prop_assert_eq!(answers(program, call), rules.decide(call), "{} {:x?}\n{}", architecture, call, text);
            }
        }
    }

    /// Where the filter traps, and only there, the reporter finds a line, and it is that of the rule that decides.
    #[test]
    fn random_policies_trap_where_their_report_says(text in random::policy()) {
        let own = "- {action: allow, names: [write, gettid, rt_sigreturn]}\n";
        let text = text.replace("kill_thread", "trap(3)").replace("errno(4095)", "trap");
        let text = text.replacen("syscalls:\n", &format!("syscalls:\n{own}"), 1);
        let reporter = Reporter::new(Then::KillProcess).to(ReportTo::AnyDescriptor);
        for architecture in ["x86_64", "i386", "aarch64", "s390x"].map(|name| Architecture::find(name).expect("known")) {
            let file = SourceFile::new("random.yaml", text.as_str());
            let compiled = Compiler::for_architecture(architecture).reporter(reporter).compile(&file);
            // Redundant, without a trap, or too wide for the architecture.
            let Ok(compiled) = compiled else { continue };
            let (rules, report) = (compiled.rules(), compiled.report.as_ref().expect("it was asked for"));
            let mut locator = Locator::new(&compiled.sources);
            for call in &random::calls(rules) {
                let found = match answers(report.locator.program(), call) {
                    Verdict::Trap(line) => Some(report.lines[usize::from(line)].clone()),
                    _ => None,
                };
                prop_assert_eq!(found.is_some(), matches!(rules.decide(call), Verdict::Trap(_)), "{:x?}\n{}", call, text);
                let space = rules.abis.iter().find(|of| of.architecture.audit() == call.arch && of.numbers().contains(&call.number));
                let rule = space.and_then(|space| space.rules.iter().find(|rule| rule.matches(call)));
                if let (Some(found), Some(rule)) = (found, rule) {
                    let (_, span) = locator.locate(compiled.origins.source(rule.origin).place);
                    prop_assert_eq!(found, format!("random.yaml:{}", span.line), "{:x?}\n{}", call, text);
                }
            }
        }
    }

    /// The same input gives the same bytes, and the bytes give the program back.
    #[test]
    fn programs_are_deterministic_and_survive_their_bytes(text in random::policy()) {
        for architecture in ["x86_64", "aarch64", "s390x"].map(|name| Architecture::find(name).expect("known")) {
            let [Some(once), Some(again)] = [(), ()].map(|()| unless_redundant(&text, architecture)) else { continue };
            prop_assert_eq!(once.program(), again.program());
            let bytes = once.program().to_bytes();
            let back = Program::from_bytes(&bytes, architecture.endian());
            prop_assert_eq!(back.as_ref(), Some(once.program()));
        }
    }

    /// Arbitrary text is an error, not a panic.
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}|[\\[\\]{}:,\\-#&*!|>'\"%@ \n\ta-z0-9]{0,200}") {
        let x86_64 = Architecture::find("x86_64").expect("known");
        let outcome = Compiler::for_architecture(x86_64).compile(&SourceFile::new("random.yaml", text));
        prop_assert!(outcome.is_err());
    }

    /// So is a sound policy with a piece of it lost, doubled or replaced.
    #[test]
    fn damaged_policies_never_panic(text in random::policy(), at in any::<prop::sample::Index>(), with in "\\PC{0,6}") {
        let x86_64 = Architecture::find("x86_64").expect("known");
        let cut = at.index(text.len());
        let damaged = format!("{}{with}{}", &text[..cut], &text[(cut + with.len() / 2).min(text.len())..]);
        if let Ok(compiled) = Compiler::for_architecture(x86_64).compile(&SourceFile::new("random.yaml", damaged)) {
            prop_assert!(!compiled.program().instructions.is_empty());
        }
    }
}

/// Programs to mutate: real ones, and one that is heavy in conditions.
fn programs() -> Vec<Compiled> {
    let conditioned = "
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls:
- action: allow
  names: [read, write, close, exit_group, futex, mmap]
  names_with_args:
  - {name: socket, arguments: [{argument: 0, operation: Equal, value: AF_UNIX}]}
  - {name: socket, arguments: [{argument: 0, operation: GreaterThan, value: 9}, {argument: 1, operation: BitsSet, value: 6}]}
  - {name: prctl, arguments: [{argument: 1, operation: LessThan, value: 0x123456789abcdef}]}
  - {name: personality, arguments: [{argument: 0, operation: MaskedEqual, mask: 0xff0f, value: 0x1203}]}
- action: trap(3)
  names_with_args:
  - {name: socket, arguments: [{argument: 2, operation: NotEqual, value: 0}]}
  - {name: openat, arguments: [{argument: 2, operation: BitsNotSet, value: O_WRONLY | O_RDWR | O_CREAT}]}
";
    let file = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        std::fs::read_to_string(path).expect("the policy can be read")
    };
    let on = |name: &str, text: &str| compiled(text, Architecture::find(name).expect("known"));
    vec![
        on("x86_64", conditioned),
        on("s390x", conditioned),
        on("x86_64", &file("policies/beats-default-x86_64.yaml")),
        on("i386", &file("policies/beats-example.yaml")),
        on("s390x", &file("tests/golden/widths.yaml")),
        on("aarch64", &file("examples/quickstart/policies/quickstart.yaml")),
    ]
}

/// Every mutant that one small change makes: constants ±1 and with each bit flipped, jumps ±1 and swapped, opcodes.
fn mutants(instruction: Instruction) -> Vec<Instruction> {
    let Instruction { code, jt, jf, k } = instruction;
    let mut mutants = vec![
        Instruction { k: k.wrapping_add(1), ..instruction },
        Instruction { k: k.wrapping_sub(1), ..instruction },
        Instruction { jt: jf, jf: jt, ..instruction },
        Instruction { jt: jt.wrapping_add(1), ..instruction },
        Instruction { jt: jt.wrapping_sub(1), ..instruction },
        Instruction { jf: jf.wrapping_add(1), ..instruction },
        Instruction { jf: jf.wrapping_sub(1), ..instruction },
    ];
    mutants.extend((0..32).map(|bit| Instruction { k: k ^ 1 << bit, ..instruction }));
    let codes = [
        opcode::LOAD,
        opcode::AND,
        opcode::JUMP,
        opcode::JUMP_EQUAL,
        opcode::JUMP_ABOVE,
        opcode::JUMP_AT_LEAST,
        opcode::JUMP_ANY_BIT,
        opcode::RETURN,
        0x54 ^ 0x20,
    ];
    mutants.extend(
        codes.into_iter().filter(|other| *other != code).map(|code| Instruction { code, ..instruction }),
    );
    mutants.retain(|mutant| *mutant != instruction);
    mutants
}

#[test]
fn every_mutant_is_refused_with_a_witness_or_is_equal() {
    let (mut refused, mut equal, mut malformed, mut uncached) = (0, 0, 0, 0);
    for compiled in programs() {
        let (rules, program) = (compiled.rules(), compiled.program());
        let calls: Vec<Call> = random::calls(rules);
        for at in 0..program.instructions.len() {
            for mutant in mutants(program.instructions[at]) {
                let mut mutated = program.clone();
                mutated.instructions[at] = mutant;
                match verify(rules.clone(), mutated.clone()) {
                    Ok(_) => {
                        equal += 1;
                        let differs = calls.iter().find(|call| answers(&mutated, call) != rules.decide(call));
                        assert_eq!(differs, None, "proved, but sampling contradicts:\n{mutated}");
                    }
                    Err(Refused::Differs { call, rules: wanted, program: got }) => {
                        refused += 1;
                        assert_ne!(wanted, got);
                        assert_eq!(rules.decide(&call), wanted, "{call:x?}");
                        assert_eq!(answers(&mutated, &call), got, "{call:x?}\n{mutated}");
                    }
                    Err(Refused::Malformed { .. }) => malformed += 1,
                    Err(Refused::NotCached { .. }) => uncached += 1,
                    Err(Refused::OverBudget { .. }) => {
                        panic!("a mutant of a small program takes no more than its original")
                    }
                    Err(Refused::InvalidRules(invalid)) => panic!("the rules are of a policy: {invalid}"),
                }
            }
        }
    }
    println!("{refused} refused with a witness, {equal} equal, {malformed} malformed, {uncached} not cached");
    assert!(refused + equal + malformed + uncached >= 10_000);
    assert!(refused >= 5_000 && equal >= 10 && malformed >= 100);
}

/// What a policy cannot give: the prover would panic on it, or prove what no kernel does.
#[test]
fn rules_that_are_none_are_refused() {
    let x86_64 = Architecture::find("x86_64").expect("known");
    let policy = "default_action: errno\nsyscalls:\n- {action: allow, names: [read]}\n";
    let compiled = compiled(policy, x86_64);
    let invalid = |change: fn(&mut RuleSet)| {
        let mut rules = compiled.rules().clone();
        change(&mut rules);
        let refused = Compiler::compile_rules(&rules).expect_err("they are none");
        match verify(rules, compiled.program().clone()) {
            Err(Refused::InvalidRules(invalid)) => {
                assert_eq!(refused, NotCompiled::InvalidRules(invalid));
                invalid
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(invalid(|rules| rules.abis.clear()), InvalidRules::NoAbi);
    assert_eq!(
        invalid(|rules| rules.abis[0].rules[0].number = u32::MAX),
        InvalidRules::Number(x86_64, u32::MAX)
    );
    assert_eq!(invalid(|rules| rules.abis.push(rules.abis[0].clone())), InvalidRules::Overlap(x86_64));
    assert_eq!(invalid(|rules| rules.endian = Endian::Big), InvalidRules::Endian(x86_64));
    let condition = |argument, value| ArgCondition::new(argument, 0xff, Comparison::Equal, value);
    for condition in [condition(6, 0), condition(0, 0x100)] {
        let mut rules = compiled.rules().clone();
        rules.abis[0].rules[0].conditions.push(condition);
        let refused = verify(rules, compiled.program().clone()).expect_err("it is none");
        assert_eq!(refused, Refused::InvalidRules(InvalidRules::Condition(x86_64, 0)));
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
        let (outcome, seconds) = processor_seconds(|| Compiler::for_architecture(x86_64).compile(&file));
        match &outcome {
            Ok(compiled) => {
                let (rules, program) = (compiled.rules(), compiled.program());
                for call in random::calls(rules) {
                    assert_eq!(answers(program, &call), rules.decide(&call));
                }
                println!("{name}: {} instructions proved in {seconds:.2} s", program.instructions.len());
            }
            Err(problems) => println!("{name}: refused in {seconds:.2} s\n{problems}"),
        }
        // Ten times what the slowest of them takes.
        assert!(seconds < 10.0, "{name} took {seconds} s");
    }
}

/// A program as other compilers write them: one comparison for each number, thousands of them.
#[test]
fn a_linear_program_of_nearly_the_kernels_limit_is_proved() {
    const NUMBERS: u32 = 4026;
    let x86_64 = Architecture::find("x86_64").expect("known");
    let mut rules = compiled("default_action: errno\nsyscalls:\n- {action: allow, names: [read]}\n", x86_64)
        .rules()
        .clone();
    rules.abis[0].rules = (0..NUMBERS).map(|at| Rule::new(2 * at, Verdict::Allow)).collect();
    let mut instructions = guards(x86_64);
    // Every two hundred numbers share an answer that is within reach.
    for chunk in (0..NUMBERS).collect::<Vec<_>>().chunks(200) {
        let count = u8::try_from(chunk.len()).expect("within reach");
        for (at, number) in chunk.iter().enumerate() {
            let left = count - u8::try_from(at).expect("within reach");
            instructions.push(instruction(opcode::JUMP_EQUAL, left, 0, 2 * number));
        }
        instructions.push(instruction(opcode::JUMP, 0, 0, 1));
        instructions.push(instruction(opcode::RETURN, 0, 0, Verdict::Allow.return_value()));
    }
    instructions.push(instruction(opcode::RETURN, 0, 0, Verdict::Errno(1).return_value()));
    let program = Program { instructions, endian: x86_64.endian() };
    let length = program.instructions.len();
    assert!((4073..=4096).contains(&length), "{length}");
    verify(rules, program).unwrap_or_else(|refused| panic!("{}", refused.display(x86_64)));
}

/// Tests that change nothing make it long to follow each range through them, not to prove the program.
#[test]
fn tests_that_lead_on_either_way_are_proved() {
    let x86_64 = Architecture::find("x86_64").expect("known");
    let policy = "default_action: allow\nsyscalls:\n- {action: errno, names: [ptrace]}\n";
    let rules = compiled(policy, x86_64).rules().clone();
    let mut instructions = guards(x86_64);
    instructions.push(instruction(opcode::JUMP_EQUAL, 0, 1, 101));
    instructions.push(instruction(opcode::RETURN, 0, 0, Verdict::Errno(1).return_value()));
    instructions.extend((1..=4000).map(|k| instruction(opcode::JUMP_AT_LEAST, 0, 0, k)));
    instructions.push(instruction(opcode::RETURN, 0, 0, Verdict::Allow.return_value()));
    let program = Program { instructions, endian: x86_64.endian() };
    verify(rules, program).unwrap_or_else(|refused| panic!("{}", refused.display(x86_64)));
}

/// Foreign ABIs are killed, x32's calls get ENOSYS, and then the number is loaded.
fn guards(architecture: &Architecture) -> Vec<Instruction> {
    vec![
        instruction(opcode::LOAD, 0, 0, 4),
        instruction(opcode::JUMP_EQUAL, 1, 0, architecture.audit()),
        instruction(opcode::RETURN, 0, 0, Verdict::KillProcess.return_value()),
        instruction(opcode::LOAD, 0, 0, 0),
        instruction(opcode::JUMP_AT_LEAST, 0, 1, 0x4000_0000),
        instruction(opcode::RETURN, 0, 0, Verdict::Errno(38).return_value()),
    ]
}

const fn instruction(code: u16, jt: u8, jf: u8, k: u32) -> Instruction {
    Instruction { code, jt, jf, k }
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

/// A 64-bit process that makes a 32-bit call shows the filter its whole registers, of which the kernel reads the lower
/// halves: a program that lets a call pass because of an upper half could be got past.
#[test]
fn what_asks_for_the_upper_half_of_a_32_bit_abis_register_is_refused_with_a_call() {
    let text = "{default_action: allow, compat: true, syscalls: [{action: errno, names: [mkdir]}]}";
    for (target, abi) in [("x86_64", "i386"), ("s390x", "s390"), ("mips64el", "mipsel"), ("i386", "i386")] {
        let [target, abi] = [target, abi].map(|name| Architecture::find(name).expect("known"));
        let rules = compiled(text, target).rules().clone();
        let mut other = rules.clone();
        let upper = ArgCondition::new(0, 1 << 45, Comparison::Equal, 0);
        let on_abi = other.abis.iter_mut().filter(|rules| rules.architecture == abi);
        on_abi.flat_map(|abi| &mut abi.rules).for_each(|rule| rule.conditions.push(upper));
        let program = Compiler::compile_rules(&other).expect("it is short").program().clone();
        let refused = verify(rules.clone(), program.clone()).expect_err("it lets calls pass");
        let Refused::Differs { call, rules: wanted, program: got } = &refused else { panic!("{refused}") };
        assert_eq!((*wanted, *got), (Verdict::Errno(1), Verdict::Allow), "{abi}");
        assert_eq!((rules.decide(call), answers(&program, call)), (*wanted, *got), "{abi}");
        assert_eq!(call.arguments[0] >> 45 & 1, 1, "{abi}: {call:x?}");
        let text = refused.display(target).to_string();
        assert!(
            text.starts_with(&format!(
                "for mkdir({:#x}, …) on {abi} the policy says errno(EPERM)",
                1_u64 << 45
            )),
            "{text}"
        );
    }
}
