use seccomp_runtime::policy;

#[policy("unknown-argument.yaml")]
fn main() {}
