//! Which lines of a policy are behind each instruction, held to what the program does call by call.

use std::fs;
use std::path::Path;

use seccomp_compiler::{Architecture, Call, Compiled, Compiler, Place, SourceFile, opcode};
use seccomp_tests::random;

fn compiled(name: &str, text: impl Into<Vec<u8>>, on: &str) -> Option<Compiled> {
    let architecture = Architecture::find(on).expect("the table has it");
    Compiler::for_architecture(architecture).compile(&SourceFile::new(name, text)).ok()
}

/// The place that decides a call, by the rules alone.
fn deciding(policy: &Compiled, call: &Call) -> Option<Place> {
    let abi = policy.rules().abi(call.arch, call.number);
    let Some(abi) = abi.filter(|abi| policy.covered.contains(&abi.architecture)) else {
        return policy.fallbacks.foreign_architecture;
    };
    match abi.rules.iter().find(|rule| rule.matches(call)) {
        Some(rule) => Some(policy.origins.source(rule.origin).place),
        None if call.number >= abi.architecture.table_end() => {
            policy.fallbacks.newer_syscalls.or(policy.fallbacks.default_action)
        }
        None => policy.fallbacks.default_action,
    }
}

#[test]
fn the_line_that_decides_a_call_is_behind_every_test_and_the_return_on_its_way() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let ready = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mut traced = 0;
    for (folder, architectures) in [(golden, &["x86_64", "i386", "s390x"][..]), (ready, &["x86_64"])] {
        let files = fs::read_dir(folder).expect("it is there");
        let paths = files.map(|file| file.expect("it can be listed").path());
        let policies = paths.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
        for (path, on) in policies.flat_map(|path| architectures.iter().map(move |on| (path.clone(), on))) {
            let name = path.to_string_lossy().into_owned();
            let Some(policy) = compiled(&name, fs::read(&path).expect("it can be read"), on) else {
                continue;
            };
            let trace = policy.trace().expect("it is within the budget");
            for call in random::calls(policy.rules()) {
                let Some(place) = deciding(&policy, &call) else { continue };
                let mut path = Vec::new();
                policy.program().follow(&call, |at| path.push(at)).expect("a proved program answers");
                for at in path.into_iter().filter(|at| is_traced(&policy, *at)) {
                    assert!(trace.behind(at).contains(&place), "{name} on {on}: {at}, {call:x?}");
                }
            }
            traced += 1;
        }
    }
    assert!(traced > 12, "{traced}");
}

fn is_traced(policy: &Compiled, at: usize) -> bool {
    let code = policy.program().instructions[at].code;
    ![opcode::LOAD, opcode::AND, opcode::JUMP].contains(&code)
}

#[test]
fn no_line_is_behind_an_instruction_that_none_of_its_calls_reaches() {
    let text = "\
default_action: errno
foreign_architecture: errno(2)
syscalls:
- action: allow
  names: [read]
- action: trap
  names_with_args:
  - {name: socket, arguments: [{argument: family, operation: Equal, value: AF_INET}]}
- action: allow
  names: [socket]
";
    let policy = compiled("policy.yaml", text, "aarch64").expect("it compiles");
    let trace = policy.trace().expect("it is within the budget");
    let lines = |at: usize| -> Vec<usize> {
        trace.behind(at).iter().map(|place| policy.sources.locate(*place).1.line).collect()
    };
    let returns = |verdict: &str| -> Vec<Vec<usize>> {
        let program = policy.program().to_string();
        let found = program.lines().enumerate().filter(|(_, line)| line.ends_with(&format!("; {verdict}")));
        found.map(|(at, _)| lines(at)).collect()
    };
    assert_eq!(returns("errno(1)"), [vec![1]]);
    assert_eq!(returns("errno(2)"), [vec![2]]);
    assert_eq!(returns("trap(0)"), [vec![8]]);
    assert_eq!(returns("allow"), [vec![5, 10]]);
    // Only calls of `socket` come to the test of its argument.
    let program = policy.program();
    let family = program.instructions.iter().rposition(|it| it.code == opcode::JUMP_EQUAL && it.k == 2);
    assert_eq!(lines(family.expect("AF_INET is tested")), [8, 10]);
}
