use seccomp_runtime::policy;

#[policy("unknown-effect.yaml")]
fn main() {}
