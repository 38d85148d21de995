//! A program that says what was refused and exits.

#[seccomp_runtime::policy("policies/report.yaml", report = "exit(3)")]
fn main() {
    let _never = seccomp_tests::kernel::getppid();
}
