use seccomp_runtime::policy;

#[policy("unknown-architecture.yaml")]
fn main() {}
