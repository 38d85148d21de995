use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", profile = "policies/calls.profile.yaml")]
fn main() {}
