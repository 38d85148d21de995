use seccomp_runtime::policy;

#[policy("ok-beats-dialect.yaml")]
fn main() {}
