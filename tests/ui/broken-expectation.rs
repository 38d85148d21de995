use seccomp_runtime::policy;

#[policy("broken-expectation.yaml")]
fn main() {}
