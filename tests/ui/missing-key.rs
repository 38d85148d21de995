use seccomp_runtime::policy;

#[policy("missing-key.yaml")]
fn main() {}
