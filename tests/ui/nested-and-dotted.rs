use seccomp_runtime::policy;

#[policy("nested-and-dotted.yaml")]
fn main() {}
