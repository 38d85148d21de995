use seccomp_runtime::policy;

#[policy("unknown-action.yaml")]
fn main() {}
