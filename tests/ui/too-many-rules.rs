use seccomp_runtime::policy;

#[policy("too-many-rules.yaml")]
fn main() {}
