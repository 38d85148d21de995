use seccomp_runtime::policy;

#[policy("ok-dotted-root.yaml")]
fn main() {}
