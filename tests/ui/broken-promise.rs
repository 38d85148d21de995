use seccomp_runtime::policy;

#[policy("broken-promise.yaml")]
fn main() {}
