use seccomp_runtime::policy;

#[policy("unknown-operation.yaml")]
fn main() {}
