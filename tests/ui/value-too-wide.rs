use seccomp_runtime::policy;

#[policy("value-too-wide.yaml")]
fn main() {}
