use seccomp_runtime::policy;

#[policy("everything-wrong.yaml")]
fn main() {}
