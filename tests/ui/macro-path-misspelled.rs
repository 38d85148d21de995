use seccomp_runtime::policy;

#[policy("policy/no-exce.yaml")]
fn main() {}
