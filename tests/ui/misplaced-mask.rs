use seccomp_runtime::policy;

#[policy("misplaced-mask.yaml")]
fn main() {}
