use seccomp_runtime::policy;

// The policy itself traps nothing.
#[policy("policies/no-exec.yaml", refusals = "trap", report)]
fn main() {}
