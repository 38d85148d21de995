//! Times proofs, each the least of several runs, in microseconds and nodes: the container default on x86_64, the same on
//! every architecture together, and a program that asks for one number after the other as long as the kernel allows.

use std::path::Path;
use std::time::Instant;

use seccomp_compiler::{
    Architecture, Compiler, Instruction, Program, Rule, RuleSet, SourceFile, Verdict, Verified, Word, opcode,
    verify,
};

const TIMES: usize = 15;

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/container-default.yaml");
    let Ok(text) = std::fs::read(path) else { return };
    let file = SourceFile::new("container-default.yaml", text);
    let mut all = (0, 0);
    for architecture in Architecture::all() {
        let Ok(compiled) = Compiler::for_architecture(architecture).compile(&file) else { continue };
        let (rules, program) = (compiled.rules(), compiled.program());
        let (microseconds, nodes) = proof(rules, program);
        all = (all.0 + microseconds, all.1 + nodes);
        if architecture.name() == "x86_64" {
            println!("{microseconds} {nodes}");
            let (rules, program) = linear(rules);
            let (microseconds, nodes) = proof(&rules, &program);
            println!("{microseconds} {nodes}");
        }
    }
    println!("{} {}", all.0, all.1);
}

fn proof(rules: &RuleSet, program: &Program) -> (u128, usize) {
    let one = || {
        let (rules, program) = (rules.clone(), program.clone());
        let start = Instant::now();
        let nodes = verify(rules, program).as_ref().map_or(0, |verified: &Verified| verified.proof().nodes);
        (start.elapsed().as_micros(), nodes)
    };
    (0..TIMES).map(|_| one()).min().unwrap_or_default()
}

/// Rules for isolated numbers, and the program that looks for them in a line. Its jumps reach an answer near by.
fn linear(like: &RuleSet) -> (RuleSet, Program) {
    let mut rules = like.clone();
    rules.abis.truncate(1);
    let architecture = rules.abis[0].architecture;
    let mut program = Program { instructions: Vec::new(), endian: like.endian };
    let mut push = |code, jt, jf, k| program.instructions.push(Instruction { code, jt, jf, k });
    push(opcode::LOAD, 0, 0, Word::Arch.offset(like.endian));
    push(opcode::JUMP_EQUAL, 1, 0, architecture.audit());
    push(opcode::RETURN, 0, 0, like.foreign.return_value());
    push(opcode::LOAD, 0, 0, Word::Number.offset(like.endian));
    // Numbers from x32's first on are foreign, as the rules have no space for them.
    push(opcode::JUMP_AT_LEAST, 0, 1, 0x4000_0000);
    push(opcode::RETURN, 0, 0, like.foreign.return_value());
    let mut numbers = Vec::new();
    for block in 0..34_u32 {
        let in_block = 119_u8;
        for at in 0..in_block {
            let number = 2 * (block * u32::from(in_block) + u32::from(at));
            numbers.push(number);
            let (next_block, allow) = (1, in_block - 1 - at);
            let last = at == in_block - 1;
            push(opcode::JUMP_EQUAL, allow, if last { next_block } else { 0 }, number);
        }
        push(opcode::RETURN, 0, 0, Verdict::Allow.return_value());
    }
    push(opcode::RETURN, 0, 0, rules.abis[0].default.return_value());
    let allowed = numbers.into_iter().map(|number| Rule::new(number, Verdict::Allow));
    rules.abis[0].rules = allowed.collect();
    let default = rules.abis[0].default;
    rules.abis[0].newer = default;
    (rules, program)
}
