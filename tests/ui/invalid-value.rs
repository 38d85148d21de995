use seccomp_runtime::policy;

#[policy("invalid-value.yaml")]
fn main() {}
