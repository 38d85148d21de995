use seccomp_runtime::policy;

#[policy("line-separator.yaml")]
fn main() {}
