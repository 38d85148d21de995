use seccomp_runtime::policy;

#[policy("sixty-mistakes.yaml")]
fn main() {}
