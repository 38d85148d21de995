use seccomp_runtime::policy;

#[policy("empty-list.yaml")]
fn main() {}
