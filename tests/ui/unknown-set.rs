use seccomp_runtime::policy;

#[policy("unknown-set.yaml")]
fn main() {}
