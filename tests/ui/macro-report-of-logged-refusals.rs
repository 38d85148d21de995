use seccomp_runtime::policy;

#[policy("policies/trap.yaml", refusals = "log", report)]
fn main() {}
