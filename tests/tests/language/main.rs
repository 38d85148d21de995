//! What the language means: one test for each decision, on the finished program, by the interpreter, on whatever
//! architecture shows it best.

mod architectures;
mod arguments;
mod bypasses;
mod drawing;
mod effects;
mod expectations;
mod includes;
mod other_tools;
mod overrides;
mod profile;
mod reasons;
mod refusals;
mod report;
mod rules;
mod suspicions;
mod values;
mod warnings;
mod widths;
mod yaml;

use seccomp_compiler::{Architecture, Call, Code, Compiled, Compiler, Diagnostics, SourceFile, Verdict};
use xtask::data::{Row, rows};

const EPERM: Verdict = Verdict::Errno(1);

fn architecture(name: &str) -> &'static Architecture {
    Architecture::find(name).expect("the table has it")
}

fn problems(policy: &str, on: &str) -> Diagnostics {
    match Compiler::for_architecture(architecture(on)).compile(&SourceFile::new("policy.yaml", policy)) {
        Ok(compiled) => compiled.warnings(),
        Err(problems) => problems,
    }
}

/// The codes of what is wrong or odd with a policy.
fn codes(policy: &str, on: &str) -> Vec<Code> {
    problems(policy, on).iter().map(|problem| problem.code).collect()
}

/// The rows of a file of the compiler's data.
fn data(file: &str) -> Vec<Row> {
    rows(&seccomp_tests::scratch::workspace().join("seccomp-compiler/data").join(file))
}

/// The names of the codes of what is wrong or odd with a policy.
fn names(text: &str, on: &str) -> Vec<&'static str> {
    codes(text, on).iter().map(|code| code.name()).collect()
}

/// A group of one call under these conditions, as `argument operation value[/mask]`.
fn group(action: &str, call: &str, conditions: &[&str]) -> String {
    let condition = |text: &&str| {
        let mut parts = text.split(' ');
        let mut next = || parts.next().expect("an argument, an operation and a value");
        let (argument, operation, value) = (next(), next(), next());
        let (value, mask) = match value.split_once('/') {
            Some((value, mask)) => (value, format!(", mask: {}", mask.replace('|', " | "))),
            None => (value, String::new()),
        };
        let value = value.replace('|', " | ");
        format!("{{argument: {argument}, operation: {operation}, value: {value}{mask}}}")
    };
    let conditions: Vec<String> = conditions.iter().map(condition).collect();
    let conditions = conditions.join(", ");
    format!("{{action: {action}, names_with_args: [{{name: {call}, arguments: [{conditions}]}}]}}")
}

/// A policy that allows the rest.
fn blocklist(groups: &[String]) -> String {
    format!("{{default_action: allow, syscalls: [{}]}}", groups.join(", "))
}

#[track_caller]
fn compiled(policy: &str, on: &str) -> Compiled {
    match Compiler::for_architecture(architecture(on)).compile(&SourceFile::new("policy.yaml", policy)) {
        Ok(compiled) => compiled,
        Err(problems) => panic!("{on}:\n{problems}"),
    }
}

/// What the program answers to a number under the audit architecture of an ABI.
fn numbered(policy: &Compiled, abi: &str, number: u32, arguments: [u64; 6]) -> Verdict {
    let call = Call { arch: architecture(abi).audit(), number, arguments, instruction_pointer: 0x1000 };
    let value = policy.program().run(&call).expect("a verified program answers");
    let verdict = Verdict::from_return_value(value);
    assert_eq!(policy.rules().decide(&call), verdict, "the proof says so");
    verdict
}

/// What the program answers to a call of an ABI by name.
#[track_caller]
fn verdict_on(policy: &Compiled, abi: &str, name: &str, arguments: [u64; 6]) -> Verdict {
    let number = architecture(abi).syscall_number(name).expect("the ABI has the call");
    numbered(policy, abi, number, arguments)
}

/// What the program answers to a call of its own architecture.
#[track_caller]
fn verdict(policy: &Compiled, name: &str, arguments: [u64; 6]) -> Verdict {
    verdict_on(policy, policy.architecture.name(), name, arguments)
}
