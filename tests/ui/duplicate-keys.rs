use seccomp_runtime::policy;

#[policy("duplicate-keys.yaml")]
fn main() {}
