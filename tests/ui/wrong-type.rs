use seccomp_runtime::policy;

#[policy("wrong-type.yaml")]
fn main() {}
