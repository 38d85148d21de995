use seccomp_runtime::policy;

#[policy("overrides-nothing.yaml")]
fn main() {}
