//! Warnings about what a reviewer would stop at: conditions that hold for other calls than they seem to, and actions
//! that leave open what the rules close.

use seccomp_compiler::Architecture;

use crate::{blocklist, data, group, names, problems};

/// The codes of a policy with one entry under conditions.
fn condition(
    action: &str,
    call: &str,
    argument: &str,
    operation: &str,
    value: &str,
    on: &str,
) -> Vec<&'static str> {
    names(&blocklist(&[group(action, call, &[&format!("{argument} {operation} {value}")])]), on)
}

/// An architecture that has a call.
fn having(call: &str) -> Option<&'static Architecture> {
    let first = Architecture::find("x86_64");
    first.into_iter().chain(Architecture::all()).find(|of| of.syscall_number(call).is_some())
}

#[test]
fn a_refused_value_of_flags_lets_other_bits_pass() {
    let mut tried = 0;
    for row in data("values.csv").iter().filter(|row| !row["others"].is_empty()) {
        let (call, argument) = (&row["call"], &row["argument"]);
        let Some(on) = having(call) else { continue };
        let warns = |action, operation, value| {
            let found = condition(action, call, argument, operation, value, on.name());
            found.contains(&"exact-flags")
        };
        assert!(warns("errno", "Equal", "1"), "{call} {argument}");
        assert!(!warns("errno", "BitsSet", "1"), "{call} {argument}");
        assert!(!warns("allow", "Equal", "1"), "{call} {argument}: all others are refused");
        assert!(!warns("errno", "Equal", "0"), "{call} {argument}: there is no bit to compare");
        tried += 1;
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn the_mask_that_is_suggested_closes_the_hole() {
    let text = "
default_action: allow
syscalls:
- action: errno
  names_with_args:
  - {name: socketpair, arguments: [{argument: type, operation: Equal, value: SOCK_RAW}]}
";
    let help = problems(text, "x86_64")
        .iter()
        .find_map(|problem| problem.help.clone())
        .expect("it says what to write");
    assert!(help.contains("operation: MaskedEqual, value: SOCK_RAW, mask: 0xf"), "{help}");
    let masked = text.replace("Equal, value: SOCK_RAW", "MaskedEqual, value: SOCK_RAW, mask: 0xf");
    assert_eq!(names(&masked, "x86_64"), [""; 0]);
}

#[test]
fn every_pointer_is_compared_with_nothing_but_0() {
    let mut tried = 0;
    for row in data("kernel/signatures.csv").iter().filter(|row| row["abi"].is_empty()) {
        let call = &row["name"];
        let Some(on) = having(call) else { continue };
        for argument in row["arguments"].split(' ').filter_map(|word| word.strip_suffix(":ptr")) {
            let warns = |value| {
                let found = condition("errno", call, argument, "Equal", value, on.name());
                found.contains(&"pointer-compared")
            };
            // Some ABIs have other arguments, behind one pointer.
            tried += usize::from(warns("0x4000"));
            assert!(!warns("0"), "{call} {argument}");
        }
    }
    assert!(tried > 450, "{tried}");
}

#[test]
fn an_order_on_a_number_with_a_sign_needs_both_ends() {
    let mut tried = 0;
    for row in data("kernel/signed.csv") {
        let call = &row["name"];
        let Some(on) = having(call) else { continue };
        for argument in row["arguments"].split(' ') {
            let found = condition("errno", call, argument, "GreaterThan", "3", on.name());
            tried += usize::from(found.contains(&"signed-order"));
        }
    }
    assert!(tried > 150, "{tried}");
    let range = "
default_action: allow
syscalls:
- action: errno
  names_with_args:
  - name: getpriority
    arguments:
    - {argument: who, operation: GreaterThan, value: 3}
    - {argument: who, operation: LessOrEqual, value: 19}
";
    assert!(!names(range, "x86_64").contains(&"signed-order"));
    for unsigned in [("write", "count"), ("write", "fd"), ("socket", "family")] {
        let found = condition("errno", unsigned.0, unsigned.1, "GreaterThan", "3", "x86_64");
        assert!(!found.contains(&"signed-order"), "{unsigned:?}");
    }
}

#[test]
fn a_constant_of_another_argument_is_found() {
    for (call, argument, constant) in [
        ("socket", "type", "AF_PACKET"),
        ("mremap", "flags", "PROT_EXEC"),
        ("kcmp", "type", "CLONE_NEWUSER"),
        ("lseek", "whence", "O_RDWR"),
    ] {
        let found = condition("errno", call, argument, "BitsSet", constant, "x86_64");
        assert_eq!(found, ["wrong-constant"], "{call} {argument} {constant}");
    }
}

/// Every constant that an argument takes is one of its own.
#[test]
fn the_constants_of_an_argument_are_its_own() {
    let mut tried = 0;
    let constants = data("kernel/constants.csv");
    for row in data("values.csv") {
        let (call, argument) = (&row["call"], &row["argument"]);
        let Some(on) = having(call) else { continue };
        for begin in row["begins"].split_whitespace() {
            let Some(constant) = constants.iter().find(|constant| constant["name"].starts_with(begin)) else {
                continue;
            };
            let found = condition("log", call, argument, "BitsSet", &constant["name"], on.name());
            assert!(!found.contains(&"wrong-constant"), "{call} {argument} {begin}");
            tried += 1;
        }
    }
    assert!(tried > 80, "{tried}");
}

#[test]
fn alternatives_that_leave_nothing_out_are_found_on_any_argument() {
    let entries = |pairs: [(&str, &str, &str); 2]| {
        let entry = |(argument, operation, value): (&str, &str, &str)| {
            format!(
                "{{name: prlimit64, arguments: [{{argument: {argument}, operation: {operation}, value: {value}}}]}}"
            )
        };
        let entries = pairs.map(entry).join(", ");
        format!("{{default_action: kill_process, syscalls: [{{action: log, names_with_args: [{entries}]}}]}}")
    };
    let warns = |pairs| names(&entries(pairs), "x86_64").contains(&"alternatives-always-hold");
    assert!(warns([("resource", "NotEqual", "1"), ("resource", "NotEqual", "2")]));
    assert!(warns([("resource", "GreaterThan", "1"), ("resource", "LessOrEqual", "1")]));
    assert!(warns([("resource", "BitsSet", "4"), ("resource", "BitsNotSet", "4")]));
    assert!(!warns([("resource", "NotEqual", "1"), ("pid", "NotEqual", "2")]));
    assert!(!warns([("resource", "GreaterThan", "2"), ("resource", "LessOrEqual", "1")]));
}

#[test]
fn what_answers_the_rest_may_leave_open_what_the_rules_close() {
    let policy = |keys: &str| {
        format!("{{{keys}, syscalls: [{{action: errno, names: [kexec_load, kexec_file_load]}}]}}")
    };
    for (keys, code) in [
        ("default_action: log", "log-default"),
        ("default_action: allow, foreign_architecture: allow", "foreign-open"),
        ("default_action: allow, foreign_architecture: log", "foreign-open"),
        ("default_action: allow, flags: []", "single-thread"),
        ("default_action: allow, flags: [log]", "single-thread"),
        ("default_action: user_notif", "no-supervisor"),
        ("default_action: errno(ENOSYS), newer_syscalls: allow", "newer-open"),
        ("default_action: errno(ENOSYS), newer_syscalls: log", "newer-open"),
    ] {
        let found = names(&policy(keys), "x86_64");
        assert!(found.contains(&code), "{keys}: {found:?}");
    }
    for keys in ["default_action: allow, newer_syscalls: allow", "default_action: allow, flags: [tsync, log]"]
    {
        assert_eq!(names(&policy(keys), "x86_64"), [""; 0], "{keys}");
    }
}

#[test]
fn threads_start_unless_clone3_fails_with_another_error_than_enosys() {
    for (refused, is_wrong) in [
        ("errno", true),
        ("errno(EACCES)", true),
        ("kill_process", true),
        ("errno(ENOSYS)", false),
        ("trace", false),
    ] {
        let policy = format!("{{default_action: allow, syscalls: [{{action: {refused}, names: [clone3]}}]}}");
        for on in ["x86_64", "aarch64", "i386"] {
            assert_eq!(names(&policy, on).contains(&"clone3-errno"), is_wrong, "{refused} {on}");
        }
    }
    // Neither is there to start with.
    let none = "{default_action: allow, syscalls: [{action: errno, names: [clone, clone3]}]}";
    assert!(!names(none, "x86_64").contains(&"clone3-errno"));
}

#[test]
fn what_is_resumed_by_restart_syscall_needs_it() {
    for call in ["poll", "nanosleep", "clock_nanosleep", "futex"] {
        let policy = |names: &str| {
            format!("{{default_action: kill_process, syscalls: [{{action: allow, names: [{names}]}}]}}")
        };
        let warns = |text: &str| names(text, "x86_64").contains(&"restart-refused");
        assert!(warns(&policy(call)), "{call}");
        assert!(!warns(&policy(&format!("{call}, restart_syscall"))), "{call}");
    }
}

#[test]
fn a_set_that_grows_breaks_no_policy() {
    let policy = |action: &str| {
        format!(
            "{{default_action: errno(ENOSYS), syscalls: [{{action: allow, names: ['@rust-std', '@rust-panic']}}, \
             {{action: {action}, names: [read]}}]}}"
        )
    };
    assert_eq!(names(&policy("allow"), "x86_64"), ["in-earlier-set"]);
    assert_eq!(names(&policy("log"), "x86_64"), ["never-fires"]);
}

#[test]
fn a_refusal_that_compares_ignored_bits_can_be_bypassed() {
    let warns = |action: &str, call: &str, argument: &str, operation: &str, width: u32| {
        let text = format!(
            "{{default_action: allow, syscalls: [{{action: {action}, names_with_args: [{{name: {call}, arguments: \
             [{{argument: {argument}, operation: {operation}, value: 9, width: {width}}}]}}]}}]}}"
        );
        names(&text, "x86_64").contains(&"ignored-bits")
    };
    assert!(warns("errno", "setpriority", "which", "Equal", 64));
    assert!(warns("allow", "setpriority", "which", "NotEqual", 64));
    assert!(!warns("allow", "setpriority", "which", "Equal", 64), "what has other bits is not allowed");
    assert!(!warns("errno", "setpriority", "which", "Equal", 32));
    assert!(!warns("errno", "mremap", "new_len", "Equal", 64), "all of it is read");
    assert!(!warns("errno", "mremap", "flags", "BitsSet", 64), "no bit is compared that is not asked for");
}

/// AF_UNIX is 1, and AF_PACKET is odd.
#[test]
fn bits_of_what_is_one_of_some_numbers_say_nothing() {
    let mut tried = 0;
    for row in data("values.csv") {
        let (call, argument) = (&row["call"], &row["argument"]);
        let Some(on) = having(call) else { continue };
        for operation in ["BitsSet", "BitsNotSet"] {
            let found = condition("errno", call, argument, operation, "1", on.name());
            let warns = found.contains(&"bits-of-number");
            // Flags beside a number are in its mask's other bits.
            let is_number = match row["others"].strip_prefix("0x") {
                None => row["others"].is_empty(),
                Some(mask) => u64::from_str_radix(mask, 16).expect("a mask") & 1 != 0,
            };
            assert_eq!(warns, is_number, "{operation} of {argument} of {call}: {found:?}");
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}
