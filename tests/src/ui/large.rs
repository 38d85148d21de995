//! The policies of cases that are too large to keep as files.

use std::fmt::Write as _;

/// Each with the name of its case.
pub(super) fn policies() -> [(&'static str, String); 4] {
    [
        ("too-complex", too_complex()),
        ("too-large", too_large()),
        ("too-long", too_long()),
        ("too-many-rules", too_many_rules()),
    ]
}

/// Alternatives that each test other bits of four arguments: neither the diagrams of the proof nor those of its
/// fallback stay small.
fn too_complex() -> String {
    let mut policy = "default_action: allow\nsyscalls:\n- action: errno\n  names_with_args:\n".to_owned();
    let mut random = oorandom::Rand32::new(7);
    for _ in 0..60 {
        let conditions = [0, 1, 2, 3].map(|argument| {
            let bit = 1_u64 << random.rand_range(0..32);
            format!("{{argument: {argument}, operation: BitsSet, value: {bit:#x}}}")
        });
        let _infallible = writeln!(policy, "  - {{name: keyctl, arguments: [{}]}}", conditions.join(", "));
    }
    policy
}

/// Just over 256 kB, nearly all of it comments.
fn too_large() -> String {
    let mut policy = "default_action: allow\nsyscalls: [{action: errno, names: [execve]}]\n".to_owned();
    while policy.len() <= 256 * 1024 {
        policy.push_str("# The file for a policy is not the place for a log.\n");
    }
    policy
}

/// More conditions than fit in 4096 instructions: each takes a comparison of both words of an argument.
fn too_long() -> String {
    let mut policy = "default_action: allow\nsyscalls:\n- action: errno\n  names_with_args:\n".to_owned();
    for number in 0..1500_u64 {
        let value = number * 7919 + (number << 33);
        let condition = format!("{{argument: 0, operation: Equal, value: {value:#x}}}");
        let _infallible = writeln!(policy, "  - {{name: brk, arguments: [{condition}]}}");
    }
    policy
}

/// A large set, named as often as there is room for.
fn too_many_rules() -> String {
    format!("default_action: allow\nsyscalls:\n{}", "- {action: errno, names: ['@known']}\n".repeat(7000))
}
