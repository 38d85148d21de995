//! Cases in which compilers of policies have been wrong, or could be. Each states what the policy means, and then that
//! kernel, interpreter and rules agree on it.

use std::fmt::Write as _;

use seccomp_compiler::{Architecture, Call, Compiled, Compiler, Instruction, SourceFile, Verdict, opcode};

use crate::{agrees, compiled, host};

const EPERM: Verdict = Verdict::Errno(1);

/// What the rules say of a call by name.
#[track_caller]
fn verdict(policy: &Compiled, name: &str, arguments: [u64; 6]) -> Verdict {
    let number = policy.architecture.syscall_number(name).expect("the architecture has the call");
    numbered(policy, number, arguments)
}

fn numbered(policy: &Compiled, number: u32, arguments: [u64; 6]) -> Verdict {
    let arch = policy.architecture.audit();
    policy.rules().decide(&Call { arch, number, arguments, instruction_pointer: 0 })
}

/// A peer goes on with the argument where the number was: there socket(0, …) is read(2), and passes.
#[test]
fn a_condition_that_fails_is_followed_by_other_calls_of_its_group() {
    let policy = compiled(
        "
default_action: errno
syscalls:
- action: allow
  names_with_args:
  - {name: socket, arguments: [{argument: 0, operation: Equal, value: 1}]}
  names: [read, write, openat, close]
",
    );
    only_unix_sockets(&policy);
}

#[test]
fn a_condition_that_fails_is_followed_by_other_calls_of_the_next_group() {
    let policy = compiled(
        "
default_action: errno
syscalls:
- action: allow
  names_with_args:
  - {name: socket, arguments: [{argument: 0, operation: Equal, value: 1}]}
- action: allow
  names: [read, write, openat, close]
",
    );
    only_unix_sockets(&policy);
}

#[track_caller]
fn only_unix_sockets(policy: &Compiled) {
    assert_eq!(verdict(policy, "socket", [1, 0, 0, 0, 0, 0]), Verdict::Allow);
    let others = ["read", "write", "openat", "close"].map(|name| policy.architecture.syscall_number(name));
    for domain in others.into_iter().flatten().filter(|number| *number != 1).map(u64::from).chain([0, 2]) {
        assert_eq!(verdict(policy, "socket", [domain, 0, 0, 0, 0, 0]), EPERM, "domain {domain}");
    }
    assert_eq!(verdict(policy, "close", [2; 6]), Verdict::Allow);
    agrees(policy);
}

#[test]
fn a_condition_that_fails_goes_on_to_the_same_call_in_the_next_group() {
    let policy = compiled(
        "
default_action: kill_process
syscalls:
- action: allow
  names_with_args:
  - {name: socket, arguments: [{argument: 0, operation: Equal, value: 1}]}
- action: trap(3)
  names_with_args:
  - {name: socket, arguments: [{argument: 1, operation: BitsSet, value: 1}]}
- action: errno(97)
  names: [socket]
",
    );
    assert_eq!(verdict(&policy, "socket", [1, 1, 0, 0, 0, 0]), Verdict::Allow);
    assert_eq!(verdict(&policy, "socket", [2, 1, 0, 0, 0, 0]), Verdict::Trap(3));
    assert_eq!(verdict(&policy, "socket", [2, 2, 0, 0, 0, 0]), Verdict::Errno(97));
    agrees(&policy);
}

/// More answers than a conditional jump can reach over, each beside its tests.
#[test]
fn more_than_256_calls_with_actions_of_their_own() {
    const FIRST_ERRNO: u32 = 1000;
    let host = host();
    let first = (0..).find(|number| host.syscall_name(*number).is_some()).expect("the table is not empty");
    let numbers: Vec<u32> =
        (first..host.table_end()).filter(|number| host.syscall_name(*number).is_some()).take(300).collect();
    let mut text = "default_action: allow\nsyscalls:\n".to_owned();
    for (errno, number) in (FIRST_ERRNO..).zip(&numbers) {
        let name = host.syscall_name(*number).expect("it has a name");
        writeln!(text, "- {{action: errno({errno}), names: [{name}]}}").expect("a string can be written");
    }
    let policy = compiled(&text);
    assert_eq!(numbers.len(), 300);
    for (errno, number) in (1000..).zip(&numbers) {
        assert_eq!(numbered(&policy, *number, [0; 6]), Verdict::Errno(errno));
    }
    agrees(&policy);
}

/// The same with a condition on each, so that what is jumped over reads arguments, and is too far for some.
#[test]
fn more_than_256_calls_with_conditions_of_their_own() {
    let host = host();
    let names: Vec<&str> =
        (0..host.table_end()).filter_map(|number| host.syscall_name(number)).take(300).collect();
    let mut text = "default_action: log\nsyscalls:\n".to_owned();
    for (name, errno) in names.iter().zip(1000..) {
        writeln!(
            text,
            "- {{action: errno({errno}), names_with_args: [{{name: {name}, arguments: [\
             {{argument: 0, operation: LessThan, value: {errno}, width: 32}}]}}]}}",
        )
        .expect("a string can be written");
    }
    let policy = compiled(&text);
    for (name, errno) in names.iter().zip(1000..) {
        assert_eq!(verdict(&policy, name, [u64::from(errno) - 1, 0, 0, 0, 0, 0]), Verdict::Errno(errno));
        assert_eq!(verdict(&policy, name, [u64::from(errno), 0, 0, 0, 0, 0]), Verdict::Log);
    }
    let program = policy.program();
    let long_jumps =
        program.instructions.iter().filter(|instruction| instruction.code == opcode::JUMP).count();
    assert!(long_jumps > 0, "no jump is longer than 255 instructions, which is what this case is about");
    agrees(&policy);
}

/// Values that are one value with or without some bits take one test together; with other bits than zero, a mask.
#[test]
fn flags_take_one_test() {
    let mut text = "default_action: log\nsyscalls:\n- action: errno\n  names_with_args:\n".to_owned();
    let flags = [("personality", 0, 0_u64, [8, 0x2_0000]), ("socket", 1, 1, [0o4000, 0o200_0000])];
    for (name, argument, base, [one, other]) in flags {
        for value in [base, base | one, base | other, base | one | other, 0xffff_ffff] {
            writeln!(
                text,
                "  - {{name: {name}, arguments: [{{argument: {argument}, operation: Equal, value: {value}}}]}}"
            )
            .expect("a string can be written");
        }
    }
    let policy = compiled(&text);
    let instructions = &policy.program().instructions;
    let has = |wanted, k| {
        instructions.iter().any(|Instruction { code, k: found, .. }| (*code, *found) == (wanted, k))
    };
    assert!(has(opcode::JUMP_ANY_BIT, !0x2_0008), "{}", policy.program());
    assert!(has(opcode::AND, !0o200_4000), "{}", policy.program());
    agrees(&policy);
}

/// An operation's name, and whether it holds for an argument and a value.
type Operation = (&'static str, fn(u64, u64) -> bool);

/// The operations of the language, by its definition.
const OPERATIONS: [Operation; 9] = [
    ("Equal", |a, v| a == v),
    ("NotEqual", |a, v| a != v),
    ("GreaterThan", |a, v| a > v),
    ("LessThan", |a, v| a < v),
    ("GreaterOrEqual", |a, v| a >= v),
    ("LessOrEqual", |a, v| a <= v),
    ("BitsSet", |a, v| a & v != 0),
    ("BitsNotSet", |a, v| a & v == 0),
    ("MaskedEqual", |a, v| a & v == v),
];

/// A call of its own for each operation.
const NAMES: [&str; 9] = ["read", "write", "close", "madvise", "sendto", "dup", "munmap", "readv", "writev"];

#[test]
fn the_values_0_and_all_ones_with_every_operation() {
    let host = host();
    for width in [16, 32, host.register().bits()] {
        let all = u64::MAX >> (64 - width);
        for value in [0, all] {
            every_operation(host, width, value);
        }
    }
}

#[track_caller]
fn every_operation(host: &'static Architecture, width: u32, value: u64) {
    let mut text = "default_action: allow\nsyscalls:\n- action: errno\n  names_with_args:\n".to_owned();
    for ((operation, _), name) in OPERATIONS.iter().zip(NAMES) {
        let mask = if *operation == "MaskedEqual" { format!(", mask: {value}") } else { String::new() };
        writeln!(
            text,
            "  - {{name: {name}, arguments: [{{argument: 0, operation: {operation}, value: {value}, width: {width}{mask}}}]}}"
        )
        .expect("a string can be written");
    }
    let policy = compiled(&text);
    let seen = u64::MAX >> (64 - width);
    for ((operation, holds), name) in OPERATIONS.iter().zip(NAMES) {
        for argument in
            [0, 1, 0x8000, 0xffff, 0xffff_fffe, 0xffff_ffff, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX]
        {
            let argument = argument & host.register().mask();
            let expected = if holds(argument & seen, value) { EPERM } else { Verdict::Allow };
            let said = verdict(&policy, name, [argument, 0, 0, 0, 0, 0]);
            assert_eq!(said, expected, "{argument:#x} {operation} {value:#x}, {width} bits");
        }
    }
    agrees(&policy);
}

/// On x86_64 it has x32's bit; elsewhere it is a number like others.
#[test]
fn the_number_0xffffffff_which_a_tracer_sets_to_skip_a_call() {
    let host = host();
    let policy = compiled("{default_action: allow, syscalls: [{action: errno, names: [ptrace]}]}");
    let enosys = Verdict::Errno(libc::ENOSYS.try_into().expect("an errno"));
    let expected = if host.name() == "x86_64" { enosys } else { Verdict::Allow };
    assert_eq!(numbered(&policy, u32::MAX, [0; 6]), expected);
    agrees(&policy);
}

#[test]
fn all_six_arguments_in_one_entry() {
    let policy = compiled(
        "
default_action: errno
syscalls:
- action: allow
  names_with_args:
  - name: sendto
    arguments:
    - {argument: 0, operation: Equal, value: 3, width: 32}
    - {argument: 1, operation: NotEqual, value: 0, width: 32}
    - {argument: 2, operation: LessOrEqual, value: 4096, width: 32}
    - {argument: 3, operation: BitsNotSet, value: 0xfff0, width: 32}
    - {argument: 4, operation: GreaterThan, value: 7, width: 32}
    - {argument: 5, operation: MaskedEqual, mask: 0xff, value: 16, width: 32}
",
    );
    let passes = [3, 1, 4096, 0xf, 8, 0x110];
    assert_eq!(verdict(&policy, "sendto", passes), Verdict::Allow);
    let failures = [4, 0, 4097, 0x10, 7, 0x11];
    for (argument, value) in failures.into_iter().enumerate() {
        let mut arguments = passes;
        arguments[argument] = value;
        assert_eq!(verdict(&policy, "sendto", arguments), EPERM, "argument {argument}");
    }
    agrees(&policy);
}

#[test]
fn several_entries_for_one_name_are_alternatives() {
    let policy = compiled(
        "
default_action: errno
syscalls:
- action: allow
  names_with_args:
  - {name: prctl, arguments: [{argument: 0, operation: Equal, value: 15}]}
  - {name: prctl, arguments: [{argument: 0, operation: Equal, value: 16}]}
  - name: prctl
    arguments:
    - {argument: 0, operation: GreaterOrEqual, value: 38}
    - {argument: 0, operation: LessThan, value: 40}
    - {argument: 1, operation: NotEqual, value: 0}
",
    );
    for (option, second, expected) in [
        (14, 1, EPERM),
        (15, 0, Verdict::Allow),
        (16, 0, Verdict::Allow),
        (17, 1, EPERM),
        (37, 1, EPERM),
        (38, 1, Verdict::Allow),
        (39, 1, Verdict::Allow),
        (39, 0, EPERM),
        (40, 1, EPERM),
    ] {
        assert_eq!(
            verdict(&policy, "prctl", [option, second, 0, 0, 0, 0]),
            expected,
            "prctl({option}, {second})"
        );
    }
    agrees(&policy);
}

/// Every action, with and without a value, in one policy.
#[test]
fn all_actions_in_one_policy() {
    let policy = compiled(
        "
default_action: errno(95)
foreign_architecture: kill_thread
syscalls:
- {action: allow, names: [read]}
- {action: log, names: [write]}
- {action: trace, names: [close]}
- {action: trace(65535), names: [dup]}
- {action: user_notif, names: [sendto]}
- {action: errno, names: [socket]}
- {action: errno(0), names: [madvise]}
- {action: errno(4095), names: [munmap]}
- {action: trap, names: [readv]}
- {action: trap(65535), names: [writev]}
- {action: kill_thread, names: [personality]}
- {action: kill_process, names: [ptrace]}
",
    );
    let said = ["read", "dup", "sendto", "munmap", "writev", "personality", "ptrace"]
        .map(|name| verdict(&policy, name, [0; 6]));
    let expected = [
        Verdict::Allow,
        Verdict::Trace(65535),
        Verdict::UserNotif,
        Verdict::Errno(4095),
        Verdict::Trap(65535),
        Verdict::KillThread,
        Verdict::KillProcess,
    ];
    assert_eq!(said, expected);
    agrees(&policy);
}

/// A peer takes it for "always", which has cost its users an open door.
#[test]
fn no_conditions_at_all_are_no_policy() {
    let host = host();
    let text = "
default_action: errno
syscalls:
- action: allow
  names_with_args: [{name: socket, arguments: []}]
";
    let problems = Compiler::for_architecture(host)
        .compile(&SourceFile::new("policy.yaml", text))
        .expect_err("it does not compile");
    let [problem] = problems.iter().collect::<Vec<_>>()[..] else { panic!("{problems:#?}") };
    assert!(problem.to_string().contains("policy.yaml:5"), "{problem}");
}
