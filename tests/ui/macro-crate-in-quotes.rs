use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", crate = "seccomp_runtime")]
fn main() {}
