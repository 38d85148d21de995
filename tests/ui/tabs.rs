use seccomp_runtime::policy;

#[policy("tabs.yaml")]
fn main() {}
