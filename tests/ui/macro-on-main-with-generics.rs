use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
fn main<T>() {}
