use seccomp_runtime::policy;

#[policy("include-mistake.yaml")]
fn main() {}
