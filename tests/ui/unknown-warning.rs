use seccomp_runtime::policy;

#[policy("unknown-warning.yaml")]
fn main() {}
