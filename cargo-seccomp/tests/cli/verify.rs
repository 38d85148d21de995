//! `verify`: programs by other compilers, some correct and some with mistakes that real compilers have made.

use std::fs;

use seccomp_compiler::{Architecture, Instruction, Program, opcode};

use crate::harness::{Folder, MISTAKEN, Run, program};

const LD_ARCH: Instruction = load(4);
const LD_NUMBER: Instruction = load(0);
const X86_64: u32 = 0xc000_003e;
const ALLOW: Instruction = ret(0x7fff_0000);
const EPERM: Instruction = ret(0x0005_0001);
const ENOSYS: Instruction = ret(0x0005_0026);
const KILL: Instruction = ret(0x8000_0000);

const fn load(k: u32) -> Instruction {
    Instruction { code: opcode::LOAD, jt: 0, jf: 0, k }
}

const fn ret(k: u32) -> Instruction {
    Instruction { code: opcode::RETURN, jt: 0, jf: 0, k }
}

const fn equal(k: u32, jt: u8, jf: u8) -> Instruction {
    Instruction { code: opcode::JUMP_EQUAL, jt, jf, k }
}

const fn at_least(k: u32, jt: u8, jf: u8) -> Instruction {
    Instruction { code: opcode::JUMP_AT_LEAST, jt, jf, k }
}

/// `socket(AF_UNIX, …)`, `read` and `write` and nothing else.
const SOCKETS: &str = "\
default_action: errno
allow_warnings: [essential-refused: short, hidden-by-vdso: short, eperm-default: short]
syscalls:
- action: allow
  names: [read, write]
  names_with_args:
  - name: socket
    arguments: [{argument: 0, operation: Equal, value: AF_UNIX}]
";

/// All but `execve`.
const NO_EXEC: &str = "\
default_action: allow
allow_warnings: [hole-in-blocklist: one call is enough here]
syscalls:
- action: errno
  names: [execve]
";

fn verify(policy: &str, instructions: &[Instruction]) -> Run {
    let x86_64 = Architecture::find("x86_64").expect("it is in the table");
    let program = Program { instructions: instructions.to_vec(), endian: x86_64.endian() };
    let folder = Folder::with(&[("policy.yaml", policy)]);
    fs::write(folder.path("program.bpf"), program.to_bytes()).expect("the folder can be written");
    folder.run("verify policy.yaml --program program.bpf --arch x86_64")
}

/// `read`, `write` and `socket` with this family, compared one after the other.
const fn linear(family: u32) -> [Instruction; 13] {
    [
        LD_ARCH,
        equal(X86_64, 0, 10),
        LD_NUMBER,
        at_least(0x4000_0000, 7, 0),
        equal(0, 4, 0),
        equal(1, 3, 0),
        equal(41, 0, 3),
        load(16),
        equal(family, 0, 1),
        ALLOW,
        EPERM,
        ENOSYS,
        KILL,
    ]
}

#[test]
fn an_export_is_equal_to_its_policy_and_to_no_other() {
    for architecture in ["x86_64", "s390x", "arm"] {
        let folder = Folder::with(&[("policy.yaml", SOCKETS), ("other.yaml", NO_EXEC)]);
        fs::write(folder.path("program.bpf"), program(SOCKETS, architecture).to_bytes()).expect("writable");
        let run = folder.run(&format!("verify policy.yaml --program program.bpf --arch {architecture}"));
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert!(run.stdout.starts_with("program.bpf: equal to policy.yaml"), "{}", run.stdout);
        let run = folder.run(&format!("verify other.yaml --program program.bpf --arch {architecture}"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        assert!(run.stderr.contains("the policy says allow, the program errno(EPERM)"), "{}", run.stderr);
    }
}

#[test]
fn a_linear_program_written_by_hand_is_equal() {
    let linear = linear(1);
    let run = verify(SOCKETS, &linear);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        run.stdout,
        "program.bpf: equal to policy.yaml on x86_64 for every call, in 13 instructions, with 2 cached calls\n"
    );
    // A jump that is one too short: every other call gets the answer meant for x32.
    let mut wrong = linear;
    wrong[6].jf += 1;
    let run = verify(SOCKETS, &wrong);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("the policy says errno(EPERM), the program errno(ENOSYS)"), "{}", run.stderr);
}

/// After the condition fails the accumulator holds the argument, and the next comparisons take it for the number of the
/// call: `socket(0)` passes for `read`.
#[test]
fn a_fall_through_that_compares_an_argument_with_numbers_is_shown() {
    let run = verify(
        SOCKETS,
        &[
            LD_ARCH,
            equal(X86_64, 0, 10),
            LD_NUMBER,
            at_least(0x4000_0000, 7, 0),
            equal(41, 0, 2),
            load(16),
            equal(1, 2, 0),
            equal(0, 1, 0),
            equal(1, 0, 1),
            ALLOW,
            EPERM,
            ENOSYS,
            KILL,
        ],
    );
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("on x86_64 the policy says errno(EPERM), the program allow"),
        "{}",
        run.stderr
    );
}

/// The kernel reads 32 bits of the domain, so garbage above them must change nothing.
#[test]
fn a_comparison_of_64_bits_of_an_int_is_shown() {
    let run = verify(
        SOCKETS,
        &[
            LD_ARCH,
            equal(X86_64, 0, 12),
            LD_NUMBER,
            at_least(0x4000_0000, 9, 0),
            equal(0, 6, 0),
            equal(1, 5, 0),
            equal(41, 0, 5),
            load(20),
            equal(0, 0, 3),
            load(16),
            equal(1, 0, 1),
            ALLOW,
            EPERM,
            ENOSYS,
            KILL,
        ],
    );
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("socket(0x100000001, …) on x86_64"), "{}", run.stderr);
    assert!(run.stderr.contains("the policy says allow, the program errno(EPERM)"), "{}", run.stderr);
}

#[test]
fn a_missing_guard_against_x32_is_shown() {
    let run =
        verify(NO_EXEC, &[LD_ARCH, equal(X86_64, 0, 3), LD_NUMBER, equal(59, 0, 2), EPERM, KILL, ALLOW]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("the policy says errno(ENOSYS), the program allow"), "{}", run.stderr);
}

#[test]
fn a_program_that_loads_arguments_first_is_equal_but_not_cached() {
    let run = verify(
        NO_EXEC,
        &[
            LD_ARCH,
            equal(X86_64, 0, 7),
            load(16),
            LD_NUMBER,
            at_least(0x4000_0000, 3, 0),
            equal(59, 0, 1),
            EPERM,
            ALLOW,
            ENOSYS,
            KILL,
        ],
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("the kernel cannot see that from its number"), "{}", run.stderr);
}

#[test]
fn a_program_that_the_kernel_would_refuse_is_refused() {
    let cases: [(&[Instruction], &str); 5] = [
        (&[LD_ARCH], "does not end in a return"),
        (&[equal(0, 9, 0), ALLOW], "leads out of the program"),
        (&[load(5), ALLOW], "not of a word of the call"),
        (&[ALLOW, load(5), KILL], "not of a word of the call"),
        (&[ALLOW, equal(0, 9, 0), KILL], "leads out of the program"),
    ];
    for (instructions, reason) in cases {
        let run = verify(NO_EXEC, instructions);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        assert!(run.stderr.contains(reason), "{}", run.stderr);
    }
}

/// Arguments that are 0 are shown where they decide.
#[test]
fn a_counterexample_shows_the_arguments_that_decide() {
    let run = verify(SOCKETS, &linear(0));
    assert!(
        run.stderr.contains("for socket(AF_UNSPEC, …) on x86_64 the policy says errno(EPERM)"),
        "{}",
        run.stderr
    );
    let run = verify(SOCKETS, &[ALLOW]);
    assert!(!run.stderr.contains("socket(AF_UNSPEC"), "{}", run.stderr);
}

#[test]
fn a_filter_for_another_architecture_is_told_from_a_wrong_one() {
    let folder = Folder::with(&[("policy.yaml", NO_EXEC)]);
    for of in ["aarch64", "s390x"] {
        fs::write(folder.path("program.bpf"), program(NO_EXEC, of).to_bytes()).expect("writable");
        let run = folder.run("verify policy.yaml --program program.bpf --arch x86_64");
        assert_eq!(run.code, Some(1));
        let help = format!("help: the filter seems to be for {of}: add `--arch {of}`");
        assert!(run.stderr.contains(&help), "{}", run.stderr);
    }
    let run = verify(NO_EXEC, &[LD_ARCH, equal(X86_64, 1, 0), KILL, ALLOW]);
    assert!(run.code == Some(1) && !run.stderr.contains("seems to be for"), "{}", run.stderr);
}

#[test]
fn an_answer_that_is_no_action_is_a_warning_whatever_else_is_right() {
    const UNKNOWN: Instruction = ret(0x7ffe_0001);
    let program = [
        LD_ARCH,
        equal(X86_64, 1, 0),
        UNKNOWN,
        LD_NUMBER,
        at_least(0x4000_0000, 2, 0),
        equal(59, 2, 0),
        ALLOW,
    ];
    let run = verify(NO_EXEC, &[&program[..], &[ENOSYS, EPERM]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let warning = "warning: instruction 2 of `program.bpf` returns 0x7ffe0001, which is no action: the kernel kills the \
                   process for it, as for `kill_process`, but only if no other filter of the process answers with a lower \
                   value\n";
    assert!(run.stderr.starts_with(warning), "{}", run.stderr);
    assert!(run.stderr.contains("help: return 0x80000000"), "{}", run.stderr);
    let run = verify(NO_EXEC, &[UNKNOWN]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("instruction 0 of `program.bpf` returns 0x7ffe0001"), "{}", run.stderr);
}

#[test]
fn what_is_never_reached_is_a_warning() {
    let x86_64 =
        [LD_ARCH, equal(X86_64, 1, 0), KILL, LD_NUMBER, at_least(0x4000_0000, 2, 0), equal(59, 2, 0), ALLOW];
    let program = [&x86_64[..], &[ENOSYS, EPERM]].concat();
    assert_eq!((verify(NO_EXEC, &program).stderr.as_str(), 9), ("", program.len()));
    // After the first return: two that only lead to each other, and a return.
    let dead = [&[LD_ARCH, equal(X86_64, 3, 0), KILL, equal(1, 0, 0), KILL], &program[3..]].concat();
    let run = verify(NO_EXEC, &dead);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("program.bpf: equal to policy.yaml"), "{}", run.stdout);
    assert!(
        run.stderr.contains("warning: instruction 3 of `program.bpf` is never reached"),
        "{}",
        run.stderr
    );
    // A wrong answer is still an error.
    let run = verify(NO_EXEC, &[ALLOW, KILL]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
}

#[test]
fn a_call_in_x32_s_range_is_no_foreign_one() {
    // Without the test of the range, x32's calls are those of x86_64.
    let program = [LD_ARCH, equal(X86_64, 1, 0), KILL, LD_NUMBER, equal(59, 1, 0), ALLOW, EPERM];
    let run = verify(NO_EXEC, &program);
    assert_eq!(run.code, Some(1));
    println!("{}", run.stderr);
    assert!(run.stderr.contains(" on x32"), "{}", run.stderr);
    // Only the number that a tracer sets.
    let program = [
        LD_ARCH,
        equal(X86_64, 1, 0),
        KILL,
        LD_NUMBER,
        equal(u32::MAX, 3, 0),
        at_least(0x4000_0000, 3, 0),
        equal(59, 1, 0),
        ALLOW,
        EPERM,
        ENOSYS,
    ];
    let run = verify(NO_EXEC, &program);
    println!("{}", run.stderr);
    assert!(run.stderr.contains("call 0xffffffff on x32"), "{}", run.stderr);
}

#[test]
fn wrong_usage_and_missing_files_exit_with_2_and_a_wrong_policy_with_1() {
    let folder =
        Folder::with(&[("policy.yaml", NO_EXEC), ("wrong.yaml", MISTAKEN), ("odd.bpf", "nine byte")]);
    assert_eq!(folder.run("verify policy.yaml --program missing.bpf").code, Some(2));
    assert_eq!(folder.run("verify missing.yaml --program odd.bpf").code, Some(2));
    assert_eq!(folder.run("verify policy.yaml --program odd.bpf --arch x86_64").code, Some(2));
    assert_eq!(folder.run("verify policy.yaml").code, Some(2));
    assert_eq!(folder.run("verify wrong.yaml --program odd.bpf --arch x86_64").code, Some(1));
}

#[test]
fn a_filter_that_was_exported_with_other_refusals_is_verified_with_them() {
    let folder = Folder::with(&[("policy.yaml", SOCKETS)]);
    let export = "export policy.yaml --arch x86_64 --refusals trap --output trap.bpf";
    assert_eq!(folder.run(export).code, Some(0));
    let verify = "verify policy.yaml --arch x86_64 --program trap.bpf";
    assert_eq!(folder.run(&format!("{verify} --refusals trap")).code, Some(0));
    for others in ["", "--refusals kill_process", "--refusals log"] {
        assert_eq!(folder.run(&format!("{verify} {others}")).code, Some(1), "{others}");
    }
}
