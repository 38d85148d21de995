//! The policies that this project ships, and random ones.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use seccomp_compiler::{Compiler, SourceFile};
use seccomp_tests::random;

use crate::{agrees, compiled, host};

#[test]
fn the_shipped_policies_are_what_the_kernel_enforces() {
    let host = host();
    let mut policies = vec![
        include_str!("../../../policies/beats-example.yaml"),
        include_str!("../../../policies/container-default.yaml"),
    ];
    match host.name() {
        "x86_64" => policies.push(include_str!("../../../policies/beats-default-x86_64.yaml")),
        "i386" => policies.push(include_str!("../../../policies/beats-default-i386.yaml")),
        _ => {}
    }
    // `fork`, which the example refuses, is not everywhere.
    let compared: usize = policies
        .iter()
        .filter(|policy| host.syscall_number("fork").is_some() || !policy.contains("- fork\n"))
        .map(|policy| agrees(&compiled(policy)))
        .sum();
    assert!(compared > 10_000, "only {compared} answers were compared");
}

#[test]
fn random_policies_are_what_the_kernel_enforces() {
    const POLICIES: usize = 40;
    let host = host();
    // Always the same ones: a test that fails today must fail tomorrow.
    let mut runner = TestRunner::deterministic();
    let random = || random::policy().new_tree(&mut runner).expect("the strategy rejects nothing").current();
    let fitting = std::iter::repeat_with(random).filter(|policy| random::fits(policy, host));
    let policies = fitting.filter_map(|policy| {
        let outcome =
            Compiler::for_architecture(host).compile(&SourceFile::new("policy.yaml", policy.as_str()));
        let redundant = outcome.as_ref().is_err_and(random::is_redundant);
        (!redundant).then(|| outcome.unwrap_or_else(|problems| panic!("{problems}\n{policy}")))
    });
    let compared: usize = policies.take(POLICIES).map(|compiled| agrees(&compiled)).sum();
    assert!(compared > 200_000, "only {compared} answers were compared");
}
