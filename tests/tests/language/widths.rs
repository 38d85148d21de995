//! Arguments are compared on the bits that the kernel reads, on every ABI: garbage in the others changes nothing.

use seccomp_compiler::{Architecture, Code, Verdict};
use seccomp_tests::widths::{calls, signature};

use crate::{EPERM, codes, compiled, problems, verdict, verdict_on};

/// Refuses a call where an argument has a value.
fn refusing(root: &str, call: &str, conditions: &[(&str, &str)]) -> String {
    let conditions: Vec<String> = conditions
        .iter()
        .map(|(argument, value)| format!("{{argument: {argument}, operation: Equal, value: {value}}}"))
        .collect();
    format!(
        "default_action: allow\n{root}\nsyscalls:\n- action: errno\n  names_with_args:\n  \
         - {{name: {call}, arguments: [{}]}}\n",
        conditions.join(", "),
    )
}

/// Bits above a width.
fn above(bits: u32) -> u64 {
    0xa5c3_9696_5a3c_6969 << bits
}

/// A value that any argument has that the kernel reads three bits of.
const VALUE: u64 = 5;

#[test]
fn what_the_kernel_does_not_read_of_any_argument_of_any_call_makes_no_difference() {
    let mut tried = 0;
    for architecture in Architecture::all() {
        for call in calls() {
            let Some(signature) = signature(call, architecture) else { continue };
            let read: Vec<(usize, u64)> = signature
                .iter()
                .take(6)
                .enumerate()
                .map(|(register, argument)| (register, argument.read))
                .filter(|(_, read)| *read != 0)
                .collect();
            if read.is_empty() {
                continue;
            }
            let entries: String = read
                .iter()
                .map(|(register, _)| {
                    format!("  - {{name: {call}, arguments: [{{argument: {register}, operation: Equal, value: {VALUE}}}]}}\n")
                })
                .collect();
            let policy = format!(
                "architectures: [{architecture}]\ndefault_action: allow\nsyscalls:\n- action: errno\n  names_with_args:\n{entries}"
            );
            let policy = compiled(&policy, architecture.name());
            for (register, read) in read {
                let mut arguments = [0; 6];
                for ignored in [0, !read, above(0) & !read] {
                    arguments[register] = VALUE | ignored;
                    assert_eq!(
                        verdict(&policy, call, arguments),
                        EPERM,
                        "{call} on {architecture}: {arguments:x?}"
                    );
                }
                for bit in [1, 1 << (63 - read.leading_zeros())] {
                    arguments[register] = VALUE ^ bit;
                    let found = verdict(&policy, call, arguments);
                    assert_eq!(found, Verdict::Allow, "{call} on {architecture}: {arguments:x?}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 20_000, "{tried}");
}

/// Declared as `unsigned long`, but a descriptor is an `int`.
#[test]
fn descriptors_of_vectored_io_are_ints() {
    for on in
        ["x86_64", "x32", "aarch64", "riscv64", "loongarch64", "powerpc64le", "s390x", "mips64", "mipsn32"]
    {
        for call in ["readv", "writev", "preadv", "pwritev", "preadv2", "pwritev2"] {
            let policy = compiled(&refusing("", call, &[("fd", "7")]), on);
            for fd in [7, 0x1_0000_0007, 0xffff_ffff_0000_0007] {
                assert_eq!(verdict(&policy, call, [fd, 0, 0, 0, 0, 0]), EPERM, "{call}({fd:#x}) on {on}");
            }
            assert_eq!(verdict(&policy, call, [6, 0, 0, 0, 0, 0]), Verdict::Allow);
        }
    }
}

#[test]
fn a_memory_policy_s_mode_is_an_int() {
    let policy = compiled(&refusing("", "mbind", &[("mode", "2")]), "x86_64");
    assert_eq!(verdict(&policy, "mbind", [0, 0, 0x1_0000_0002, 0, 0, 0]), EPERM);
    assert_eq!(verdict(&policy, "mbind", [0, 0, 3, 0, 0, 0]), Verdict::Allow);
}

/// The upper half of `call` is a version, except on s390x, which refuses one.
#[test]
fn the_call_of_ipc_is_compared_without_its_version() {
    let shmget = refusing("compat: true\narchitectures: [x86_64, s390x]", "ipc", &[("call", "23")]);
    let policy = compiled(&shmget, "x86_64");
    for version in [0, 1, 0xffff] {
        let arguments = [version << 16 | 23, 0, 0, 0, 0, 0];
        assert_eq!(verdict_on(&policy, "i386", "ipc", arguments), EPERM, "{version}");
    }
    let policy = compiled(&shmget, "s390x");
    for abi in ["s390x", "s390"] {
        assert_eq!(verdict_on(&policy, abi, "ipc", [23, 0, 0, 0, 0, 0]), EPERM);
        assert_eq!(verdict_on(&policy, abi, "ipc", [0x1_0017, 0, 0, 0, 0, 0]), Verdict::Allow);
    }
}

#[test]
fn a_personality_is_an_int_where_it_is_declared_long_too() {
    for on in Architecture::all().filter(|on| on.register().bits() == 64) {
        let policy = compiled(&refusing("", "personality", &[("0", "0x0040000")]), on.name());
        for persona in [0x4_0000, 0x1_0004_0000, 0xffff_ffff_0004_0000] {
            assert_eq!(
                verdict(&policy, "personality", [persona, 0, 0, 0, 0, 0]),
                EPERM,
                "{on}: {persona:#x}"
            );
        }
    }
}

/// The compat ABI of s390x has ids of 16 bits, which its own does not.
#[test]
fn ids_of_s390_have_16_bits() {
    for (call, argument, register) in [
        ("setuid", "uid", 0),
        ("chown", "user", 1),
        ("fchown", "group", 2),
        ("setresuid", "1", 1),
        ("setgid", "gid", 0),
    ] {
        let policy = compiled(&refusing("compat: true", call, &[(argument, "0")]), "s390x");
        let mut arguments = [9; 6];
        arguments[register] = 0x1_0000;
        assert_eq!(verdict_on(&policy, "s390", call, arguments), EPERM, "{call}");
        assert_eq!(verdict_on(&policy, "s390x", call, arguments), Verdict::Allow, "{call}");
        arguments[register] = 0xffff_0001_0000_0000;
        assert_eq!(verdict_on(&policy, "s390x", call, arguments), EPERM, "{call}");
    }
}

#[test]
fn arguments_of_64_bits_are_split_on_s390() {
    for (call, argument, high, low) in [
        ("fallocate", "len", 4, 5),
        ("pread64", "pos", 3, 4),
        ("pwrite64", "pos", 3, 4),
        ("fanotify_mark", "mask", 2, 3),
        ("ftruncate64", "length", 1, 2),
        ("sync_file_range", "nbytes", 3, 4),
        ("readahead", "offset", 1, 2),
    ] {
        assert_eq!(codes(&refusing("", call, &[(argument, "1")]), "s390"), [Code::SplitArgument], "{call}");
        for (half, register) in [("hi", high), ("lo", low)] {
            let policy = compiled(&refusing("", call, &[(&format!("{argument}.{half}"), "5")]), "s390");
            let mut arguments = [0; 6];
            arguments[register] = 5;
            assert_eq!(verdict(&policy, call, arguments), EPERM, "{call} {argument}.{half}");
        }
    }
    assert_eq!(codes(&refusing("", "fadvise64_64", &[("advice", "1")]), "s390"), [Code::HiddenArgument]);
}

/// Of modes the kernel takes the permissions, with the bits for set-ID and the like where these can be given.
#[test]
fn modes_have_no_more_bits_than_files_have() {
    for (call, register, mode, bits) in [
        ("chmod", 1, 0o4755, 12),
        ("open", 2, 0o4755, 12),
        ("creat", 1, 0o4755, 12),
        ("mkdir", 1, 0o1755, 10),
        ("umask", 0, 0o22, 9),
    ] {
        let policy = compiled(&refusing("", call, &[(&register.to_string(), &mode.to_string())]), "x86_64");
        for garbage in [0, above(bits), 1 << bits] {
            let mut arguments = [0; 6];
            arguments[register] = mode | garbage;
            assert_eq!(verdict(&policy, call, arguments), EPERM, "{call}: {garbage:#x}");
        }
    }
    let policy = refusing("", "umask", &[("0", "0o1000")]);
    assert_eq!(codes(&policy, "x86_64"), [Code::ValueTooWide]);
    assert!(problems(&policy, "x86_64").to_string().contains("the kernel reads 9 bits here"));
}

/// On these ABIs programs set a bit in the command that the kernel takes out: IPC_64.
#[test]
fn the_commands_of_system_v_objects_are_compared_without_ipc_64() {
    for call in ["semctl", "msgctl", "shmctl"] {
        let argument = if call == "semctl" { 2 } else { 1 };
        for (on, is_ignored) in
            [("arm", true), ("mips64el", true), ("mipsn32", true), ("x86_64", false), ("i386", false)]
        {
            for value in ["IPC_RMID", "0x100"] {
                let policy = compiled(&refusing("", call, &[("cmd", value)]), on);
                for command in [0, 0x100] {
                    let mut arguments = [0; 6];
                    arguments[argument] = command;
                    let is_same = is_ignored || (command == 0) == (value == "IPC_RMID");
                    let wanted = if is_same { EPERM } else { Verdict::Allow };
                    assert_eq!(
                        verdict(&policy, call, arguments),
                        wanted,
                        "{call} on {on}: {command:#x}, {value}"
                    );
                }
            }
        }
    }
}

/// What an argument means can depend on another: if that says it is an `int`, its upper half is not read.
#[test]
fn an_argument_has_the_width_that_a_command_gives_it() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], [u64; 6], usize);
    let cases: [Case; 8] = [
        ("fcntl", &[("cmd", "F_SETFL"), ("arg", "O_ASYNC")], [0, 4, 0x2000, 0, 0, 0], 2),
        ("fcntl", &[("arg", "O_ASYNC"), ("1", "4")], [0, 4, 0x2000, 0, 0, 0], 2),
        ("kcmp", &[("type", "KCMP_FILE"), ("idx2", "5")], [0, 0, 0, 0, 5, 0], 4),
        ("keyctl", &[("option", "KEYCTL_SETPERM"), ("arg3", "5")], [5, 0, 5, 0, 0, 0], 2),
        ("prctl", &[("option", "PR_SET_TSC"), ("arg2", "1")], [26, 1, 0, 0, 0, 0], 1),
        ("ptrace", &[("request", "PTRACE_SETREGSET"), ("addr", "1")], [0x4205, 0, 1, 0, 0, 0], 2),
        ("semctl", &[("cmd", "SETVAL"), ("arg", "5")], [0, 0, 16, 5, 0, 0], 3),
        ("sysfs", &[("option", "2"), ("arg1", "5")], [2, 5, 0, 0, 0, 0], 1),
    ];
    for (call, conditions, mut arguments, register) in cases {
        let policy = compiled(&refusing("", call, conditions), "x86_64");
        assert_eq!(verdict(&policy, call, arguments), EPERM, "{call}");
        arguments[register] |= above(32);
        assert_eq!(verdict(&policy, call, arguments), EPERM, "{call} {conditions:?}");
    }
    // With another command, and where no command is given, all bits count.
    for conditions in [&[("cmd", "F_SETLK"), ("arg", "5")][..], &[("arg", "5")]] {
        let policy = compiled(&refusing("", "fcntl", conditions), "x86_64");
        assert_eq!(verdict(&policy, "fcntl", [0, 6, 5, 0, 0, 0]), EPERM);
        assert_eq!(verdict(&policy, "fcntl", [0, 6, 5 | above(32), 0, 0, 0]), Verdict::Allow);
    }
    let policy =
        compiled(&refusing("", "socket", &[("family", "AF_PACKET"), ("protocol", "0x300")]), "x86_64");
    assert_eq!(
        verdict(&policy, "socket", [17, 3, 0x7_0300, 0, 0, 0]),
        EPERM,
        "a packet socket's protocol has 16 bits"
    );
}

/// The compat tests of the proof start from this: a 64-bit process can make a 32-bit call with whole registers.
#[test]
fn the_upper_halves_of_registers_make_no_difference_to_a_32_bit_abi() {
    for (target, abi) in [
        ("x86_64", "i386"),
        ("aarch64", "arm"),
        ("s390x", "s390"),
        ("mips64", "mips"),
        ("powerpc64", "powerpc"),
    ] {
        let policy = compiled(&refusing("compat: true", "fcntl", &[("fd", "3"), ("arg", "5")]), target);
        for garbage in [0, above(32), u64::MAX << 32] {
            let arguments = [3 | garbage, garbage, 5 | garbage, garbage, garbage, garbage];
            assert_eq!(verdict_on(&policy, abi, "fcntl", arguments), EPERM, "{abi}: {garbage:#x}");
            let arguments = [3 | garbage, garbage, 6 | garbage, garbage, garbage, garbage];
            assert_eq!(verdict_on(&policy, abi, "fcntl", arguments), Verdict::Allow, "{abi}: {garbage:#x}");
        }
    }
}

/// A register that the kernel does not read can hold anything: no value of it says anything about the call.
#[test]
fn an_argument_that_is_not_read_has_no_value() {
    let policy = refusing("", "preadv", &[("pos_h", "1")]);
    assert_eq!(codes(&policy, "x86_64"), [Code::ValueTooWide]);
    let text = problems(&policy, "x86_64").to_string();
    assert!(text.contains("the kernel does not read this argument"), "{text}");
    assert_eq!(
        codes(&refusing("", "preadv", &[("pos_h", "0")]), "x86_64"),
        [Code::HoleInBlocklist, Code::AlwaysHolds]
    );
    assert_eq!(codes(&policy, "i386"), [Code::HoleInBlocklist]);
}
