use seccomp_runtime::policy;

#[policy("absent-errno.yaml")]
fn main() {}
