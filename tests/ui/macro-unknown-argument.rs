use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", on_error = "warn")]
fn main() {}
