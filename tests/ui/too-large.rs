use seccomp_runtime::policy;

#[policy("too-large.yaml")]
fn main() {}
