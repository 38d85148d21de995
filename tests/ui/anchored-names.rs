use seccomp_runtime::policy;

#[policy("anchored-names.yaml")]
fn main() {}
