use seccomp_runtime::policy;

#[policy("tab-indentation.yaml")]
fn main() {}
