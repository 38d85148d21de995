use seccomp_runtime::policy;

#[policy("expected-to-be-allowed.yaml")]
fn main() {}
