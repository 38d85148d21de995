use seccomp_runtime::policy;

#[policy("include-conflict.yaml")]
fn main() {}
