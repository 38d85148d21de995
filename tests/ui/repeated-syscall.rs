use seccomp_runtime::policy;

#[policy("repeated-syscall.yaml")]
fn main() {}
