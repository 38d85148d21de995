use seccomp_runtime::policy;

#[policy("invalid-width.yaml")]
fn main() {}
