use seccomp_runtime::policy;

#[policy("/etc/policy.yaml")]
fn main() {}
