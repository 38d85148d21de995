use seccomp_runtime::policy;

#[policy("allowed-effect.yaml")]
fn main() {}
