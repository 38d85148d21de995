use seccomp_runtime::policy;

#[policy("unreadable-include.yaml")]
fn main() {}
