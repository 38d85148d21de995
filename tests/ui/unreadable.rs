use seccomp_runtime::policy;

#[policy("unreadable.yaml")]
fn main() {}
