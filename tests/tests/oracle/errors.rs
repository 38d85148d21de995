//! The oracle sees what it is there for: programs that are wrong in one instruction.

use seccomp_compiler::{Architecture, Compiled, Instruction, Refused, Verdict, opcode, verify};
use seccomp_tests::oracle;

use crate::{compiled, host};

/// Calls of one condition and of several, on a word, on some bits of it, and on a whole register.
fn policy(host: &'static Architecture) -> Compiled {
    let (width, value) = (host.register().bits(), host.register().mask() / 3);
    let text = format!(
        "
default_action: allow
syscalls:
- action: errno
  names: [ptrace, personality]
  names_with_args:
  - {{name: socket, arguments: [{{argument: 0, operation: GreaterThan, value: 2}}]}}
  - {{name: madvise, arguments: [{{argument: 0, operation: MaskedEqual, mask: 0xff00, value: 0x1200, width: 32}}]}}
  - {{name: prctl, arguments: [{{argument: 2, operation: Equal, value: {value}, width: {width}}}]}}
- action: trap(5)
  names_with_args:
  - {{name: madvise, arguments: [{{argument: 1, operation: BitsSet, value: 0x8001, width: 32}}]}}
"
    );
    compiled(&text)
}

/// Spoils one instruction after the other with `wrong`: how many of the programs the oracle tells from the policy. It
/// must tell those that the proof refutes: a test that only saves others the way can be spoilt without harm. The test
/// of the architecture and its answer are left alone, as no foreign calls are asked.
#[track_caller]
fn seen(policy: &Compiled, wrong: impl Fn(Instruction) -> Option<Instruction>) -> usize {
    let (rules, program) = (policy.rules(), policy.program());
    let calls = oracle::calls(rules, policy.architecture);
    let foreign = [policy.architecture.audit(), rules.foreign.return_value()];
    let mut seen = 0;
    for (at, instruction) in program.instructions.iter().enumerate() {
        if foreign.contains(&instruction.k) {
            continue;
        }
        let Some(wrong) = wrong(*instruction) else { continue };
        let mut program = program.clone();
        program.instructions[at] = wrong;
        let differs = oracle::compare(rules, &program, &calls).is_err();
        let refuted = matches!(verify(rules.clone(), program.clone()), Err(Refused::Differs { .. }));
        assert!(differs || !refuted, "instruction {at} is wrong, which was not seen:\n{program}");
        seen += usize::from(differs);
    }
    seen
}

fn is_test(instruction: Instruction) -> bool {
    use opcode::{JUMP_ABOVE, JUMP_ANY_BIT, JUMP_AT_LEAST, JUMP_EQUAL};
    [JUMP_ABOVE, JUMP_ANY_BIT, JUMP_AT_LEAST, JUMP_EQUAL].contains(&instruction.code)
}

#[test]
fn a_test_with_its_branches_swapped() {
    let host = host();
    let swapped = seen(&policy(host), |instruction| {
        let Instruction { jt, jf, .. } = instruction;
        is_test(instruction).then_some(Instruction { jt: jf, jf: jt, ..instruction })
    });
    assert!(swapped >= 8, "{swapped} programs");
}

#[test]
fn a_test_that_is_left_out() {
    let host = host();
    for holds in [true, false] {
        let without = seen(&policy(host), |instruction| {
            let Instruction { jt, jf, .. } = instruction;
            let to = if holds { jt } else { jf };
            is_test(instruction).then_some(Instruction { jt: to, jf: to, ..instruction })
        });
        assert!(without >= 8, "{without} programs");
    }
}

#[test]
fn a_test_of_the_next_value() {
    let host = host();
    let next = seen(&policy(host), |instruction| {
        is_test(instruction).then_some(Instruction { k: instruction.k + 1, ..instruction })
    });
    assert!(next >= 7, "{next} programs");
}

#[test]
fn another_answer() {
    let host = host();
    let other = Verdict::Errno(77).return_value();
    let answers = seen(&policy(host), |instruction| {
        (instruction.code == opcode::RETURN).then_some(Instruction { k: other, ..instruction })
    });
    assert!(answers >= 3, "{answers} programs");
}
