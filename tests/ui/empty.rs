use seccomp_runtime::policy;

#[policy("empty.yaml")]
fn main() {}
