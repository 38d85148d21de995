use seccomp_runtime::policy;

#[policy("unknown-key.yaml")]
fn main() {}
