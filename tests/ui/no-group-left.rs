use seccomp_runtime::policy;

#[policy("no-group-left.yaml")]
fn main() {}
