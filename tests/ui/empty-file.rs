use seccomp_runtime::policy;

#[policy("empty-file.yaml")]
fn main() {}
