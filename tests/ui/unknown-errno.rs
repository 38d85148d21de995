use seccomp_runtime::policy;

#[policy("unknown-errno.yaml")]
fn main() {}
