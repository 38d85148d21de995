use seccomp_runtime::policy;

#[policy("value-outside-mask.yaml")]
fn main() {}
