use seccomp_runtime::policy;

#[policy("other-architecture.yaml")]
fn main() {}
