use seccomp_runtime::policy;

#[policy("two-documents.yaml")]
fn main() {}
