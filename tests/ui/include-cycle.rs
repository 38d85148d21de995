use seccomp_runtime::policy;

#[policy("include-cycle.yaml")]
fn main() {}
