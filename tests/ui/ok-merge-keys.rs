use seccomp_runtime::policy;

#[policy("ok-merge-keys.yaml")]
fn main() {}
