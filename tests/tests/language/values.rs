//! Values, widths, roots and what is left to the whole policy.

use seccomp_compiler::policy::Policy;
use seccomp_compiler::{Architecture, Code, Verdict};

use crate::{EPERM, codes, compiled, problems, verdict};

fn condition(call: &str, condition: &str) -> String {
    format!(
        "default_action: allow\nsyscalls:\n- action: errno\n  architectures: [x86_64, i386, aarch64]\n  \
         names_with_args: [{{name: {call}, arguments: [{{{condition}}}]}}]\n"
    )
}

#[test]
fn negative_numbers_take_the_width_of_their_argument() {
    let policy = compiled(&condition("kill", "argument: pid, operation: Equal, value: -1"), "x86_64");
    for (pid, wanted) in [
        (0xffff_ffff, EPERM),
        (u64::MAX, EPERM),
        (0xffff_fffe, Verdict::Allow),
        (0x7fff_ffff, Verdict::Allow),
    ] {
        assert_eq!(verdict(&policy, "kill", [pid, 9, 0, 0, 0, 0]), wanted, "{pid:#x}");
    }
    let too_low = condition("fchmod", "argument: mode, operation: Equal, value: -32769");
    assert_eq!(codes(&too_low, "x86_64"), [Code::ValueTooWide]);
}

#[test]
fn comparisons_are_unsigned() {
    let policy = compiled(&condition("kill", "argument: pid, operation: GreaterThan, value: 9"), "x86_64");
    assert_eq!(verdict(&policy, "kill", [u64::MAX, 0, 0, 0, 0, 0]), EPERM);
    assert_eq!(verdict(&policy, "kill", [9, 0, 0, 0, 0, 0]), Verdict::Allow);
}

#[test]
fn a_constant_that_is_a_negative_int_extends_to_the_width() {
    let int = "argument: dfd, operation: Equal, value: AT_FDCWD";
    let policy = compiled(&condition("fchownat", int), "x86_64");
    assert_eq!(verdict(&policy, "fchownat", [0xffff_ff9c, 0, 0, 0, 0, 0]), EPERM);
    let whole = compiled(&condition("fchownat", &format!("{int}, width: 64")), "x86_64");
    assert_eq!(verdict(&whole, "fchownat", [0xffff_ff9c, 0, 0, 0, 0, 0]), Verdict::Allow);
    assert_eq!(verdict(&whole, "fchownat", [0xffff_ffff_ffff_ff9c, 0, 0, 0, 0, 0]), EPERM);
}

#[test]
fn octal_is_0o755_and_a_bare_0755_is_refused() {
    let mode =
        |value: &str| condition("fchmod", &format!("argument: mode, operation: Equal, value: {value}"));
    assert_eq!(verdict(&compiled(&mode("0o755"), "x86_64"), "fchmod", [3, 493, 0, 0, 0, 0]), EPERM);
    assert_eq!(codes(&mode("0755"), "x86_64"), [Code::InvalidValue]);
}

#[test]
fn constants_have_the_architecture_s_own_value() {
    let text = condition("openat", "argument: flags, operation: BitsSet, value: O_DIRECT");
    for (on, bit, other) in [("x86_64", 0x4000, 0x1_0000), ("aarch64", 0x1_0000, 0x4000)] {
        let policy = compiled(&text, on);
        assert_eq!(verdict(&policy, "openat", [0, 0, bit, 0, 0, 0]), EPERM, "{on}");
        assert_eq!(verdict(&policy, "openat", [0, 0, other, 0, 0, 0]), Verdict::Allow, "{on}");
    }
}

#[test]
fn a_position_past_the_last_argument_and_an_unknown_signature_are_warnings() {
    let past = condition("kill", "argument: 2, operation: Equal, value: 1");
    assert!(codes(&past, "x86_64").contains(&Code::PastLastArgument));
    let unknown = condition("afs_syscall", "argument: 0, operation: Equal, value: 1");
    assert_eq!(codes(&unknown, "x86_64"), [Code::UnknownSignature]);
    let width = condition("afs_syscall", "argument: 0, operation: Equal, value: 1, width: 32");
    assert_eq!(codes(&width, "x86_64"), []);
}

#[test]
fn errno_zero_and_conditions_that_say_nothing_are_warnings() {
    let zero = "{default_action: allow, syscalls: [{action: errno(0), names: [reboot]}]}";
    assert_eq!(codes(zero, "x86_64"), [Code::ErrnoZero]);
    let always = condition("personality", "argument: 0, operation: GreaterOrEqual, value: 0");
    assert_eq!(codes(&always, "x86_64"), [Code::AlwaysHolds]);
    let never = condition("personality", "argument: 0, operation: LessThan, value: 0");
    assert_eq!(codes(&never, "x86_64"), [Code::NeverHolds]);
}

#[test]
fn a_policy_has_exactly_one_root() {
    let group = "syscalls: [{action: errno, names: [reboot]}]";
    let nested = format!("seccomp: {{default_action: allow, {group}}}\n");
    let dotted = format!("seccomp.default_action: allow\nseccomp: {{{group}}}\nother.key: 1\n");
    assert_eq!(compiled(&nested, "x86_64").program(), compiled(&dotted, "x86_64").program());
    assert_eq!(codes(&format!("{nested}flags: []\n"), "x86_64"), [Code::KeyBesideSeccomp]);
    assert_eq!(codes(&format!("{nested}seccomp.default_action: log\n"), "x86_64"), [Code::DuplicateKey]);
    assert_eq!(codes(&format!("{nested}seccomp.expect.action: log\n"), "x86_64"), [Code::DeepDots]);
}

#[test]
fn a_policy_that_is_switched_off_is_complete_and_checked() {
    let text = "{enabled: false, default_action: allow, syscalls: [{action: errno, names: [reboot]}]}";
    assert!(!compiled(text, "x86_64").enabled);
    assert_eq!(codes(&text.replace("reboot", "rebot"), "x86_64"), [Code::UnknownSyscall]);
    assert_eq!(codes("{enabled: false, default_action: allow}", "x86_64"), [Code::MissingKey]);
    assert_eq!(
        codes("{enabled: false, syscalls: [{action: errno, names: [kexec_load]}]}", "x86_64"),
        [Code::MissingKey]
    );
}

#[test]
fn switched_off_alone_is_a_whole_policy() {
    for text in [
        "enabled: false",
        "seccomp.enabled: false\noutput.logstash: {hosts: ['localhost:5044']}\n",
        "seccomp: {enabled: false, flags: [tsync, log]}",
    ] {
        for on in Architecture::all() {
            let policy = compiled(text, on.name());
            let warnings: Vec<Code> = policy.warnings().iter().map(|warning| warning.code).collect();
            assert!(!policy.enabled && warnings == [Code::NotEnabled], "{text}: {}", policy.warnings());
            assert_eq!(verdict(&policy, "execve", [0; 6]), Verdict::Allow, "nothing is refused on {on}");
        }
    }
    assert_eq!(codes("enabled: true", "x86_64"), [Code::MissingKey; 2]);
    assert_eq!(codes("{enabled: false, flags: [tsnyc]}", "x86_64"), [Code::UnknownFlag]);
    let read: Policy = "enabled: false".parse().expect("it is one");
    assert_eq!(read.to_string().parse::<Policy>(), Ok(read));
}

#[test]
fn a_configuration_without_a_policy_is_told_so_once() {
    let text = "filebeat.inputs: [{type: log}]\noutput.elasticsearch: {hosts: [a]}\nprocessors: []\n";
    let problems = problems(text, "x86_64");
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::MissingKey]);
    assert!(problems.to_string().contains("neither `seccomp` nor `default_action`"), "{problems}");
    let expected = [Code::UnknownKey, Code::UnknownKey, Code::EmptyList];
    assert_eq!(codes("{default_acton: allow, syscall: []}", "x86_64"), expected);
}

#[test]
fn a_variable_is_named_where_it_cannot_be_expanded() {
    let text =
        "{enabled: '${ON:true}', default_action: log, syscalls: [{action: errno, names: [kexec_load]}]}";
    let problems = problems(text, "x86_64");
    assert!(problems.to_string().contains("found a variable (`${…}`), which is not expanded"), "{problems}");
}

#[test]
fn one_mistake_hides_no_other() {
    let text = "
default_action: alow
flags: [tsnyc]
syscalls:
- action: dney
  names: [opne]
  names_with_args:
  - {name: socket, arguments: [{argument: 7, operation: Equals, value: AF_UNXI}]}
";
    let wanted = [
        Code::UnknownAction,
        Code::UnknownFlag,
        Code::UnknownAction,
        Code::UnknownSyscall,
        Code::ArgumentOutOfRange,
        Code::UnknownOperation,
        Code::UnknownConstant,
    ];
    assert_eq!(codes(text, "x86_64"), wanted);
}

#[test]
fn a_warning_is_allowed_by_its_code_and_no_other_is() {
    let text = "
default_action: allow
allow_warnings: [errno-zero: the result is not read]
syscalls:
- {action: errno(0), names: [reboot]}
- {action: errno, names: [execve]}
";
    assert_eq!(codes(text, "x86_64"), [Code::HoleInBlocklist]);
    let without = problems(&text.replace(": the result is not read", ""), "x86_64");
    assert_eq!(without.iter().map(|of| of.code).collect::<Vec<_>>(), [Code::WrongType]);
}

#[test]
fn the_message_names_the_limit_that_is_exceeded() {
    let deep = format!("default_action: {}", "[".repeat(65));
    let wide = format!("default_action: [{}]", "[],".repeat(16_384));
    for (text, excess) in [(deep, "more than 64 levels"), (wide, "more than 16384 opening brackets")] {
        let problems = problems(&text, "x86_64");
        let problem = problems.iter().next().expect("it is too much");
        assert_eq!(problem.code, Code::TooDeep);
        assert!(problem.message.contains(excess), "{}", problem.message);
    }
}

/// Requests of ioctl(2) are encoded in another way on powerpc, mips and sparc.
#[test]
fn requests_of_devices_and_calls_within_others_have_names() {
    for (call, name, on, value) in [
        ("ioctl", "KVM_RUN", "x86_64", 0xae80),
        ("ioctl", "KVM_RUN", "powerpc64", 0x2000_ae80),
        ("ioctl", "KVM_CREATE_VCPU", "aarch64", 0xae41),
        ("ioctl", "EVIOCGRAB", "arm", 0x4004_4590),
        ("ioctl", "EVIOCGRAB", "mips", 0x8004_4590),
        ("ioctl", "DMA_BUF_IOCTL_SYNC", "riscv64", 0x4008_6200),
        ("ioctl", "BINDER_WRITE_READ", "aarch64", 0xc030_6201),
        ("ioctl", "VFIO_GROUP_SET_CONTAINER", "x86_64", 0x3b68),
        ("ioctl", "SG_IO", "s390x", 0x2285),
        ("ioctl", "CDROMEJECT", "x86_64", 0x5309),
        ("socketcall", "SYS_CONNECT", "i386", 3),
        ("ipc", "SHMAT", "s390x", 21),
    ] {
        let text = format!(
            "default_action: allow\nsyscalls:\n- action: errno\n  architectures: [{on}]\n  names_with_args: \
             [{{name: {call}, arguments: [{{argument: {}, operation: Equal, value: {name}}}]}}]\n",
            if call == "ioctl" { 1 } else { 0 }
        );
        let policy = compiled(&text, on);
        let arguments = |value| if call == "ioctl" { [3, value, 0, 0, 0, 0] } else { [value, 0, 0, 0, 0, 0] };
        assert_eq!(verdict(&policy, call, arguments(value)), EPERM, "{name} on {on}");
        assert_eq!(verdict(&policy, call, arguments(value + 1)), Verdict::Allow, "{name} on {on}");
    }
}
