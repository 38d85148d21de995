use seccomp_runtime::policy;

#[policy("include-mistake-two-deep.yaml")]
fn main() {}
