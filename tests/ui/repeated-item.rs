use seccomp_runtime::policy;

#[policy("repeated-item.yaml")]
fn main() {}
