use seccomp_runtime::policy;

#[policy("absolute-include.yaml")]
fn main() {}
