use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
pub fn main() {}
