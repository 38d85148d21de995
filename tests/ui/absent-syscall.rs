use seccomp_runtime::policy;

#[policy("absent-syscall.yaml")]
fn main() {}
