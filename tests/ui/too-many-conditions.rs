use seccomp_runtime::policy;

#[policy("too-many-conditions.yaml")]
fn main() {}
