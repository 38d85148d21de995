use seccomp_runtime::policy;

#[policy("policies")]
fn main() {}
