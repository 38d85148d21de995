use seccomp_runtime::policy;

#[policy("not-utf8.yaml")]
fn main() {}
