use seccomp_runtime::policy;

#[policy("invalid-yaml.yaml")]
fn main() {}
