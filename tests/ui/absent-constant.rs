use seccomp_runtime::policy;

#[policy("absent-constant.yaml")]
fn main() {}
