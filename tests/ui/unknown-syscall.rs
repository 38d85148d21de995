use seccomp_runtime::policy;

#[policy("unknown-syscall.yaml")]
fn main() {}
