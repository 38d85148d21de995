use seccomp_runtime::policy;

#[policy("errno-too-large.yaml")]
fn main() {}
