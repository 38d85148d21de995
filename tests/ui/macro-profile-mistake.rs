use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", profile = "policies/mistaken.profile.yaml")]
fn main() {}
