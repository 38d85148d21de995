use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", report)]
fn main() {}
