//! Rules and programs that no policy and no compiler of ours gives.

use seccomp_compiler::{
    Architecture, ArgCondition, Comparison, Compiler, Endian, Instruction, InvalidRules, NotCompiled,
    Program, Refused, Rule, RuleSet, Verdict, opcode, verify,
};

use super::{answers, compiled};

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

/// A 64-bit process that makes a 32-bit call shows the filter its whole registers, but the kernel only reads the lower
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
        let Refused::Differs { call, rules: wanted, program: got, .. } = &refused else {
            panic!("{refused}")
        };
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
