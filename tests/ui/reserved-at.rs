use seccomp_runtime::policy;

#[policy("reserved-at.yaml")]
fn main() {}
