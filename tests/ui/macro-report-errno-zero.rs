use seccomp_runtime::policy;

#[policy("policies/trap.yaml", report = "errno(0)")]
fn main() {}
