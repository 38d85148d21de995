use seccomp_runtime::policy;

#[policy("misindented.yaml")]
fn main() {}
