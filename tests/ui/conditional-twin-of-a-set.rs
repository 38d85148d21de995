use seccomp_runtime::policy;

#[policy("conditional-twin-of-a-set.yaml")]
fn main() {}
