use seccomp_runtime::policy;

#[policy("unknown-constant.yaml")]
fn main() {}
