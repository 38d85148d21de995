use seccomp_runtime::policy;

#[policy("conditioned-set.yaml")]
fn main() {}
