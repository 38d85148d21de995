use seccomp_runtime::policy;

#[policy("several-mistakes.yaml")]
fn main() {}
