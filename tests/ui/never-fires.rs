use seccomp_runtime::policy;

#[policy("never-fires.yaml")]
fn main() {}
