use seccomp_runtime::policy;

#[policy("under-seccomp.yaml")]
fn main() {}
