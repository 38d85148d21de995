use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", crate = ::elsewhere)]
fn main() {}
