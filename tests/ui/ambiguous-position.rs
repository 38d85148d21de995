use seccomp_runtime::policy;

#[policy("ambiguous-position.yaml")]
fn main() {}
