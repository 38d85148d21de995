use seccomp_runtime::policy;

#[policy("dotted-root.yaml")]
fn main() {}
