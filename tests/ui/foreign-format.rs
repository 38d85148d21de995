use seccomp_runtime::policy;

#[policy("foreign-format.yaml")]
fn main() {}
