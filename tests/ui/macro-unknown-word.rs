use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", verbose)]
fn main() {}
