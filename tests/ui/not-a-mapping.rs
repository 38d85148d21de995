use seccomp_runtime::policy;

#[policy("not-a-mapping.yaml")]
fn main() {}
