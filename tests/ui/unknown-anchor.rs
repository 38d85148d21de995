use seccomp_runtime::policy;

#[policy("unknown-anchor.yaml")]
fn main() {}
