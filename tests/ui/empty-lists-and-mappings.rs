use seccomp_runtime::policy;

#[policy("empty-lists-and-mappings.yaml")]
fn main() {}
