use seccomp_runtime::policy;

#[policy("folded-names.yaml")]
fn main() {}
