use seccomp_runtime::policy;

#[policy("key-in-include.yaml")]
fn main() {}
