use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", refusals = "errno")]
fn main() {}
