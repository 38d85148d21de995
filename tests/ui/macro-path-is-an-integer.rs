use seccomp_runtime::policy;

#[policy(42)]
fn main() {}
