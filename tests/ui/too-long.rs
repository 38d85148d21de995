use seccomp_runtime::policy;

#[policy("too-long.yaml")]
fn main() {}
