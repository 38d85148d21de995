//! Arguments by name: the right register on every architecture, or an error that says why there is none.

use seccomp_compiler::{Architecture, Code, Verdict};

use crate::{EPERM, codes, compiled, problems, verdict, verdict_on};

/// Refuses a call where `argument` has a bit of `value`.
fn refusing(root: &str, call: &str, argument: &str, value: &str) -> String {
    format!(
        "default_action: allow\n{root}\nallow_warnings: [hole-in-blocklist: not the point]\nsyscalls:\n\
         - action: errno\n  names_with_args:\n  - name: {call}\n    \
         arguments: [{{argument: {argument}, operation: BitsSet, value: {value}}}]\n"
    )
}

const NEW_USER: u64 = 0x1000_0000;

#[test]
fn the_flags_of_clone_are_found_on_every_architecture() {
    for architecture in Architecture::all() {
        let on = architecture.name();
        let (flags, other) = if on.starts_with("s390") { (1, 0) } else { (0, 1) };
        for name in ["clone_flags", "flags"] {
            let policy = compiled(&refusing("", "clone", name, "CLONE_NEWUSER"), on);
            let mut arguments = [0; 6];
            arguments[other] = NEW_USER;
            assert_eq!(verdict(&policy, "clone", arguments), Verdict::Allow, "{name} on {on}");
            arguments[flags] = NEW_USER;
            assert_eq!(verdict(&policy, "clone", arguments), EPERM, "{name} on {on}");
        }
    }
}

#[test]
fn a_name_is_found_on_each_covered_abi() {
    let policy = compiled(&refusing("compat: true", "clone", "tls", "1"), "x86_64");
    assert_eq!(verdict(&policy, "clone", [0, 0, 0, 0, 1, 0]), EPERM);
    assert_eq!(verdict(&policy, "clone", [0, 0, 0, 1, 0, 0]), Verdict::Allow);
    assert_eq!(verdict_on(&policy, "i386", "clone", [0, 0, 0, 1, 0, 0]), EPERM);
    assert_eq!(verdict_on(&policy, "i386", "clone", [0, 0, 0, 0, 1, 0]), Verdict::Allow);
}

#[test]
fn mmap_is_hidden_where_it_takes_one_pointer() {
    let text = refusing("", "mmap", "prot", "PROT_EXEC");
    for on in ["i386", "m68k", "s390x", "s390"] {
        assert_eq!(codes(&text, on), [Code::HiddenArgument], "{on}");
    }
    for on in ["x86_64", "aarch64", "mips"] {
        let policy = compiled(&text, on);
        assert_eq!(verdict(&policy, "mmap", [0, 0, 4, 0, 0, 0]), EPERM, "{on}");
    }
}

/// A 64-bit argument and its halves, low first, on architectures of both byte orders, with and without padding.
const HALVES: [(&str, usize, usize); 7] = [
    ("i386", 3, 4),
    ("riscv32", 3, 4),
    ("arm", 4, 5),
    ("armeb", 5, 4),
    ("powerpc", 5, 4),
    ("mips", 5, 4),
    ("mipsel", 4, 5),
];

#[test]
fn a_split_argument_is_found_by_its_halves_in_either_byte_order() {
    for (on, low, high) in HALVES {
        for (half, at) in [("lo", low), ("hi", high)] {
            let policy = compiled(&refusing("", "pread64", &format!("pos.{half}"), "1"), on);
            let mut arguments = [0; 6];
            arguments[if at == low { high } else { low }] = 1;
            assert_eq!(verdict(&policy, "pread64", arguments), Verdict::Allow, "pos.{half} on {on}");
            arguments[at] = 1;
            assert_eq!(verdict(&policy, "pread64", arguments), EPERM, "pos.{half} on {on}");
        }
    }
}

#[test]
fn the_whole_of_a_split_argument_is_an_error_that_names_the_halves() {
    for (on, ..) in HALVES {
        for name in ["pos", "offset"] {
            assert_eq!(
                codes(&refusing("", "pread64", name, "1"), on),
                [Code::SplitArgument],
                "{name} on {on}"
            );
            let found = problems(&refusing("", "pread64", name, "1"), on);
            let help = found.iter().map(|of| of.help.clone().unwrap_or_default()).collect::<String>();
            assert!(help.contains("`pos.lo`") && help.contains("`pos.hi`"), "{name} on {on}: {found}");
        }
    }
    for name in ["pos", "offset"] {
        assert_eq!(codes(&refusing("", "pread64", name, "1"), "x86_64"), [], "{name}");
    }
}

#[test]
fn a_name_that_the_call_does_not_have_is_answered_with_those_that_it_has() {
    let found = problems(&refusing("", "socket", "namespace", "1"), "x86_64");
    let help = found.iter().find_map(|of| of.help.clone()).expect("it has a help");
    assert_eq!(help, "its arguments are `family`, `type` and `protocol`");
}

#[test]
fn a_position_that_differs_is_an_error_where_the_filter_covers_both() {
    let text = refusing("compat: true", "clone", "3", "1");
    assert_eq!(codes(&text, "x86_64"), [Code::AmbiguousPosition]);
    assert_eq!(codes(&refusing("compat: true", "clone", "2", "1"), "x86_64"), [Code::PointerCompared]);
}

#[test]
fn a_position_that_differs_elsewhere_is_a_warning_unless_the_group_says_where_it_is() {
    let text = refusing("", "clone", "0", "CLONE_NEWUSER");
    assert_eq!(codes(&text, "x86_64"), [Code::PositionDiffers]);
    let limited = text.replace("- action: errno", "- action: errno\n  architectures: [x86_64]");
    assert_eq!(codes(&limited, "x86_64"), []);
    let meant = refusing("architectures: [x86_64, aarch64]", "clone", "0", "CLONE_NEWUSER");
    assert_eq!(codes(&meant, "x86_64"), []);
}
