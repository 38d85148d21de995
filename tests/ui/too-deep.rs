use seccomp_runtime::policy;

#[policy("too-deep.yaml")]
fn main() {}
