use seccomp_runtime::policy;

#[policy("argument-out-of-range.yaml")]
fn main() {}
