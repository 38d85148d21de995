use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", profile = "policies/calls.yaml")]
fn main() {}
