use seccomp_runtime::policy;

#[policy("unknown-flag.yaml")]
fn main() {}
