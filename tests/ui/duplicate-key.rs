use seccomp_runtime::policy;

#[policy("duplicate-key.yaml")]
fn main() {}
