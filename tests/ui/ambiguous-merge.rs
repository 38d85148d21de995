use seccomp_runtime::policy;

#[policy("ambiguous-merge.yaml")]
fn main() {}
