//! Targets, the other ABIs of their kernels, and numbers beyond the table.

use seccomp_compiler::{Architecture, Code, Compiler, LoadError, SourceFile, Verdict};

use crate::{EPERM, architecture, codes, compiled, numbered, problems, verdict, verdict_on};

const NO_OPEN: &str = "
default_action: allow
compat: true
syscalls:
- action: errno
  names: [open, openat, ptrace]
";

#[test]
fn compat_judges_each_abi_by_its_own_numbers() {
    let policy = compiled(NO_OPEN, "x86_64");
    for abi in ["x86_64", "i386", "x32"] {
        for name in ["open", "openat", "ptrace"] {
            assert_eq!(verdict_on(&policy, abi, name, [0; 6]), EPERM, "{name} on {abi}");
        }
        assert_eq!(verdict_on(&policy, abi, "read", [0; 6]), Verdict::Allow, "read on {abi}");
    }
}

#[test]
fn compat_covers_the_32_bit_abi_of_each_64_bit_kernel() {
    let pairs = [
        ("aarch64", "arm"),
        ("aarch64_be", "armeb"),
        ("powerpc64", "powerpc"),
        ("s390x", "s390"),
        ("x32", "i386"),
    ];
    let policy = "{default_action: allow, compat: true, syscalls: [{action: errno, names: [ptrace]}]}";
    for (native, other) in pairs {
        let policy = compiled(policy, native);
        assert_eq!(verdict_on(&policy, other, "ptrace", [0; 6]), EPERM, "{other} on {native}");
        assert_eq!(verdict_on(&policy, other, "read", [0; 6]), Verdict::Allow, "{other} on {native}");
    }
}

#[test]
fn without_compat_other_abis_are_killed_and_x32_is_no_call() {
    let policy = compiled(&NO_OPEN.replace("compat: true", ""), "x86_64");
    assert_eq!(verdict_on(&policy, "i386", "read", [0; 6]), Verdict::KillProcess);
    assert_eq!(verdict_on(&policy, "x32", "read", [0; 6]), Verdict::Errno(38));
    assert_eq!(verdict_on(&policy, "aarch64", "read", [0; 6]), Verdict::KillProcess);
}

#[test]
fn the_number_of_a_skipped_call_falls_in_the_range_of_x32() {
    let policy = compiled(&NO_OPEN.replace("compat: true", ""), "x86_64");
    assert_eq!(numbered(&policy, "x86_64", u32::MAX, [0; 6]), Verdict::Errno(38));
}

#[test]
fn on_x32_numbers_without_its_bit_are_foreign() {
    let text = "{default_action: allow, foreign_architecture: trap(3), syscalls: [{action: errno, names: [ptrace]}]}";
    let policy = compiled(text, "x32");
    assert_eq!(numbered(&policy, "x32", 0, [0; 6]), Verdict::Trap(3));
    assert_eq!(verdict(&policy, "read", [0; 6]), Verdict::Allow);
}

#[test]
fn a_riscv32_task_cannot_be_told_from_the_kernel_s_own() {
    let text = "{default_action: allow, syscalls: [{action: errno, names: [ptrace]}]}";
    let with = text.replacen('{', "{compat: true, ", 1);
    let (plain, compat) = (compiled(text, "riscv64"), compiled(&with, "riscv64"));
    assert_eq!(plain.program(), compat.program());
}

/// The three ABIs of mips share a kernel; each has its own audit architecture and its own numbers.
#[test]
fn the_three_abis_of_mips_are_covered_together() {
    for (native, abis) in [
        ("mips64", ["mips64", "mips", "mipsn32"]),
        ("mips64el", ["mips64el", "mipsel", "mipsn32el"]),
        ("mipsn32", ["mipsn32", "mips", "mips64"]),
        ("mipsn32el", ["mipsn32el", "mipsel", "mips64el"]),
    ] {
        let text = "
default_action: allow
compat: true
syscalls: [{action: errno(ENOSYS), names: [ptrace]}]
";
        let policy = compiled(text, native);
        for abi in abis {
            assert_eq!(verdict_on(&policy, abi, "ptrace", [0; 6]), Verdict::Errno(89), "{abi} on {native}");
            assert_eq!(verdict_on(&policy, abi, "read", [0; 6]), Verdict::Allow, "{abi} on {native}");
        }
        let alone = compiled(&text.replace("compat: true", ""), native);
        for abi in &abis[1..] {
            assert_eq!(verdict_on(&alone, abi, "read", [0; 6]), Verdict::KillProcess, "{abi} on {native}");
        }
    }
}

#[test]
fn enosys_is_the_architecture_s_own_number() {
    let text = "
default_action: allow
newer_syscalls: errno(ENOSYS)
syscalls: [{action: errno(ENOSYS), names: [ptrace]}]
";
    for on in Architecture::all().map(Architecture::name) {
        let wanted = if on.starts_with("mips") { 89 } else { 38 };
        let policy = compiled(text, on);
        assert_eq!(verdict(&policy, "ptrace", [0; 6]), Verdict::Errno(wanted), "{on}");
        assert_eq!(
            numbered(&policy, on, architecture(on).table_end(), [0; 6]),
            Verdict::Errno(wanted),
            "{on}"
        );
    }
}

#[test]
fn numbers_from_the_table_s_end_on_are_newer_and_those_below_are_not() {
    let text = "
default_action: errno
newer_syscalls: log
syscalls: [{action: allow, names: ['@rust-std']}]
";
    for on in ["x86_64", "arm", "mips", "riscv32", "s390x"] {
        let (policy, end) = (compiled(text, on), architecture(on).table_end());
        assert_eq!(numbered(&policy, on, end - 1, [0; 6]), EPERM, "{on}");
        assert_eq!(numbered(&policy, on, end, [0; 6]), Verdict::Log, "{on}");
        assert_eq!(numbered(&policy, on, end + 1000, [0; 6]), Verdict::Log, "{on}");
    }
}

#[test]
fn newer_calls_come_to_the_default_where_nothing_is_said() {
    let policy =
        compiled("{default_action: trap(1), syscalls: [{action: allow, names: ['@rust-std']}]}", "x86_64");
    let end = architecture("x86_64").table_end();
    assert_eq!(numbered(&policy, "x86_64", end, [0; 6]), Verdict::Trap(1));
}

/// arm's own calls are far above its table, which ends where the ordinary ones do.
#[test]
fn a_private_call_above_the_table_is_named_and_not_newer() {
    let text = "
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls: [{action: allow, names: ['@rust-std', set_tls]}]
";
    let policy = compiled(text, "arm");
    assert!(architecture("arm").syscall_number("set_tls") > Some(architecture("arm").table_end()));
    assert_eq!(verdict(&policy, "set_tls", [0; 6]), Verdict::Allow);
}

/// x32 numbers some calls beyond the ordinary ones, arm its own: they are known, and so not newer.
#[test]
fn a_known_call_above_the_table_is_no_newer_one_though_the_policy_does_not_name_it() {
    let text = "
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls: [{action: allow, names: [read]}]
";
    for (on, name) in [("x32", "rt_sigaction"), ("arm", "set_tls")] {
        let policy = compiled(text, on);
        assert!(architecture(on).syscall_number(name) > Some(architecture(on).table_end()));
        assert_eq!(verdict(&policy, name, [0; 6]), EPERM, "{name} on {on}");
    }
}

#[test]
fn optional_leaves_out_what_a_target_lacks_but_not_what_none_has() {
    let text = "
default_action: allow
syscalls:
- action: errno
  optional: true
  names: [fork, vfork, clone, clone3]
";
    let policy = compiled(text, "aarch64");
    assert_eq!(verdict(&policy, "clone", [0; 6]), EPERM);
    assert_eq!(codes(&text.replace("optional: true", ""), "aarch64"), [Code::AbsentSyscall; 2]);
    assert_eq!(codes(&text.replace("vfork", "vfrok"), "aarch64"), [Code::UnknownSyscall]);
}

#[test]
fn under_compat_a_name_must_be_on_one_of_the_abis() {
    let text = "
default_action: allow
compat: true
syscalls: [{action: errno, names: [NAME]}]
";
    let socketcall = compiled(&text.replace("NAME", "socketcall"), "x86_64");
    assert_eq!(verdict_on(&socketcall, "i386", "socketcall", [0; 6]), EPERM);
    assert_eq!(codes(&text.replace("NAME", "cacheflush"), "x86_64"), [Code::AbsentSyscall]);
}

#[test]
fn a_group_of_another_architecture_of_the_filter_exists_there_alone() {
    let text = "
default_action: allow
compat: true
syscalls:
- action: errno
  architectures: [i386]
  names: [ptrace]
";
    let policy = compiled(text, "x86_64");
    assert_eq!(verdict_on(&policy, "i386", "ptrace", [0; 6]), EPERM);
    assert_eq!(verdict(&policy, "ptrace", [0; 6]), Verdict::Allow);
}

#[test]
fn a_name_s_absence_is_said_with_what_there_is_instead() {
    let text = "{default_action: allow, syscalls: [{action: log, names: [open, fork, poll]}]}";
    let helps: Vec<String> = problems(text, "aarch64").iter().filter_map(|of| of.help.clone()).collect();
    for (help, instead) in helps.iter().zip(["`openat`", "`clone`", "`ppoll`"]) {
        assert!(help.contains(instead), "{help}");
    }
    assert_eq!(helps.len(), 3);
}

/// Its number is another call's on the architecture of the filter.
#[test]
fn what_is_too_entangled_on_another_abi_is_named_by_it() {
    let condition = |at: u32| {
        let (bit, mask) = (1_u64 << (at % 31), 0xff_u64 << (at % 20));
        format!(
            "  - {{name: mprotect, arguments: [{{argument: 0, operation: BitsSet, value: {bit}, width: 32}}, \
             {{argument: 1, operation: MaskedEqual, mask: {mask}, value: 0, width: 32}}]}}\n"
        )
    };
    let conditions: String = (0..100).map(condition).collect();
    let text = format!(
        "compat: true\ndefault_action: errno\nsyscalls:\n- action: allow\n  names: [read]\n- action: allow\n  \
         architectures: [i386]\n  names_with_args:\n{conditions}"
    );
    let problems = problems(&text, "x86_64");
    let entangled = problems.iter().find(|of| of.code == Code::TooComplex).expect("it is too entangled");
    assert!(entangled.message.contains("`mprotect`"), "{}", entangled.message);
}

#[test]
fn names_must_exist_where_a_policy_does_not_apply_and_on_targets_without_filters() {
    let policy = "
default_action: errno(ENOSUCH)
architectures: [aarch64]
syscalls:
- action: allow
  architectures: [s390x]
  names: [opne, '@no-such-set']
  names_with_args:
  - {name: socket, arguments: [{argument: domain, operation: Equal, value: 1}]}
  - {name: kill, arguments: [{argument: no_such_argument, operation: Equal, value: SIGNOSUCH}]}
";
    let expected = [
        Code::UnknownErrno,
        Code::UnknownSyscall,
        Code::UnknownSet,
        Code::UnknownArgument,
        Code::UnknownConstant,
    ];
    let nothing = |_: &str| Err(LoadError::NotFound);
    let problems = Compiler::check(&SourceFile::new("policy.yaml", policy), &nothing);
    let problems = problems.expect_err("the names exist nowhere");
    let without_target: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(without_target, expected);
    let on_another = [&[Code::UnknownErrno, Code::OtherArchitecture], &expected[1..]].concat();
    assert_eq!(codes(policy, "x86_64"), on_another);
}
