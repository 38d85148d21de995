use seccomp_runtime::policy;

#[policy()]
fn main() {}
