//! Small changes to proved programs.

use seccomp_compiler::{Architecture, Call, Compiled, Instruction, Refused, opcode, verify};
use seccomp_tests::random;

use super::{answers, compiled};

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
    let codes = opcode::ALL.into_iter().chain([0x54 ^ 0x20]).filter(|other| *other != code);
    mutants.extend(codes.map(|code| Instruction { code, ..instruction }));
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
                    Err(Refused::Differs { call, rules: wanted, program: got, .. }) => {
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
                    Err(refused) => panic!("the rules are of a policy: {refused}"),
                }
            }
        }
    }
    println!("{refused} refused with a witness, {equal} equal, {malformed} malformed, {uncached} not cached");
    assert!(refused + equal + malformed + uncached >= 10_000);
    assert!(refused >= 5_000 && equal >= 10 && malformed >= 100);
}
