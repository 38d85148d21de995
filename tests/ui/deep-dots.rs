use seccomp_runtime::policy;

#[policy("deep-dots.yaml")]
fn main() {}
