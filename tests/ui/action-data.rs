use seccomp_runtime::policy;

#[policy("action-data.yaml")]
fn main() {}
