//! Rules that never decide, and those that only seem so.

use seccomp_compiler::{Code, Verdict};

use crate::{EPERM, codes, compiled, verdict};

fn groups(groups: &str) -> String {
    format!("default_action: allow\nsyscalls:\n{groups}")
}

#[test]
fn a_name_that_an_earlier_group_decides_is_an_error() {
    let text = groups("- {action: errno, names: [reboot]}\n- {action: log, names: [reboot]}\n");
    assert_eq!(codes(&text, "x86_64"), [Code::NeverFires]);
}

#[test]
fn a_name_that_an_earlier_group_decides_in_part_is_none() {
    let text = groups(
        "- action: errno
  names_with_args: [{name: personality, arguments: [{argument: 0, operation: LessThan, value: 9}]}]
- {action: log, names: [personality]}
",
    );
    let policy = compiled(&text, "x86_64");
    assert_eq!(verdict(&policy, "personality", [8, 0, 0, 0, 0, 0]), EPERM);
    assert_eq!(verdict(&policy, "personality", [9, 0, 0, 0, 0, 0]), Verdict::Log);
    // The width makes it whole: garbage above is not read.
    assert_eq!(verdict(&policy, "personality", [8 | 1 << 32, 0, 0, 0, 0, 0]), EPERM);
}

#[test]
fn two_conditions_can_leave_nothing_to_a_third() {
    let text = groups(
        "- action: errno
  names_with_args:
  - {name: personality, arguments: [{argument: 0, operation: LessThan, value: 9}]}
  - {name: personality, arguments: [{argument: 0, operation: GreaterThan, value: 7}]}
- {action: log, names: [personality]}
",
    );
    assert_eq!(codes(&text, "x86_64"), [Code::NeverFires]);
    assert_eq!(codes(&text.replace("value: 7", "value: 9"), "x86_64"), []);
}

#[test]
fn conditions_that_never_hold_together_are_a_warning() {
    let text = groups(
        "- action: errno
  names_with_args:
  - name: personality
    arguments:
    - {argument: 0, operation: BitsSet, value: 6}
    - {argument: 0, operation: MaskedEqual, mask: 7, value: 1}
",
    );
    assert_eq!(codes(&text, "x86_64"), [Code::ContradictoryConditions]);
    assert_eq!(codes(&text.replace("value: 1", "value: 3"), "x86_64"), []);
}

/// The kernel must see from the number that such a call is allowed, though the policy has conditions on it.
#[test]
fn conditions_that_leave_nothing_to_decide_are_no_obstacle_to_the_proof() {
    let text = groups(
        "- action: allow
  names_with_args:
  - {name: socket, arguments: [{argument: type, operation: BitsNotSet, value: 4}]}
- action: errno
  names_with_args:
  - name: socket
    arguments:
    - {argument: type, operation: LessThan, value: 4}
    - {argument: type, operation: BitsSet, value: SOCK_STREAM}
  - {name: prctl, arguments: [{argument: option, operation: Equal, value: PR_SET_DUMPABLE}]}
",
    );
    let policy = compiled(&text, "x86_64");
    assert_eq!(verdict(&policy, "socket", [0, 3, 0, 0, 0, 0]), Verdict::Allow);
    assert_eq!(verdict(&policy, "prctl", [4, 0, 0, 0, 0, 0]), EPERM);
}

#[test]
fn a_group_must_be_for_some_architecture_of_the_policy() {
    let text = "
architectures: [x86_64, aarch64]
default_action: allow
allow_warnings: [hole-in-blocklist: not the point]
syscalls:
- {action: errno, names: [reboot]}
- {action: errno, optional: true, names: [pause]}
- {action: errno, architectures: [aarch64], optional: true, names: [getpgrp]}
";
    assert_eq!(codes(text, "x86_64"), [Code::AppliesNowhere]);
    assert_eq!(codes(&text.replace("[aarch64]", "[x86_64]"), "aarch64"), []);
    let compat = text.replace("default_action", "compat: true\ndefault_action");
    assert_eq!(codes(&compat.replace("[aarch64]", "[arm]"), "aarch64"), []);
}

#[test]
fn sets_may_overlap_with_sets_and_with_names() {
    let text = groups(
        "- {action: errno, names: [kexec_load, '@reboot']}
- {action: log, names: ['@reboot', '@module', reboot]}
",
    );
    assert_eq!(codes(&text, "x86_64"), [Code::NeverFires], "`reboot` by hand is decided");
    assert_eq!(codes(&text.replace(", reboot]", "]"), "x86_64"), []);
}

#[test]
fn a_member_of_a_set_with_conditions_beside_it_is_an_error_and_before_it_is_not() {
    let socket = "names_with_args: [{name: socket, arguments: [{argument: 0, operation: Equal, value: 16}]}]";
    let beside = groups(&format!("- action: errno\n  names: ['@network-io']\n  {socket}\n"));
    assert_eq!(codes(&beside, "x86_64"), [Code::ConditionalTwin]);
    let before = groups(&format!("- action: log\n  {socket}\n- {{action: errno, names: ['@network-io']}}\n"));
    let policy = compiled(&before, "x86_64");
    assert_eq!(verdict(&policy, "socket", [16, 0, 0, 0, 0, 0]), Verdict::Log);
    assert_eq!(verdict(&policy, "socket", [1, 0, 0, 0, 0, 0]), EPERM);
}

/// arm has one number by two names: the first decides, and the second is no mistake of the author's.
#[test]
fn two_names_of_one_number_are_two_calls() {
    let text = groups(
        "- {action: errno, names: [arm_sync_file_range]}
- {action: log, names: [sync_file_range2]}
",
    );
    assert!(!codes(&text, "arm").contains(&Code::NeverFires));
    assert_eq!(verdict(&compiled(&text, "arm"), "sync_file_range2", [0; 6]), EPERM);
    let together = groups("- {action: errno, names: [arm_sync_file_range, sync_file_range2]}\n");
    assert_eq!(codes(&together, "arm"), []);
}

/// Two constants of one value are two names, which may part on another architecture.
#[test]
fn constants_that_coincide_are_no_error() {
    let text = groups(
        "- action: errno
  names_with_args: [{name: eventfd2, arguments: [{argument: flags, operation: BitsSet, value: O_NONBLOCK}]}]
- action: log
  names_with_args: [{name: eventfd2, arguments: [{argument: flags, operation: BitsSet, value: EFD_NONBLOCK}]}]
",
    );
    assert_eq!(codes(&text, "x86_64"), []);
    let numbers = text.replace("EFD_NONBLOCK", "0x800").replace("O_NONBLOCK", "0x800");
    assert_eq!(codes(&numbers, "x86_64"), [Code::NeverFires]);
}

#[test]
fn a_rule_that_decides_on_one_covered_abi_is_of_use() {
    let text = "
default_action: allow
compat: true
syscalls:
- {action: errno, architectures: [x86_64, x32], names: [personality]}
- {action: log, names: [personality]}
";
    assert_eq!(codes(text, "x86_64"), []);
    assert_eq!(codes(&text.replace("compat: true", ""), "x86_64"), [Code::NeverFires]);
}

#[test]
fn duplicates_are_judged_by_name_within_a_group() {
    let text = groups("- {action: errno, names: [reboot, reboot]}\n");
    assert_eq!(codes(&text, "x86_64"), [Code::RepeatedSyscall]);
    let twin = groups(
        "- action: errno
  names: [personality]
  names_with_args: [{name: personality, arguments: [{argument: 0, operation: Equal, value: 8}]}]
",
    );
    assert_eq!(codes(&twin, "x86_64"), [Code::ConditionalTwin]);
}
