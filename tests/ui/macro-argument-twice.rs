use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", on_failure = "warn", on_failure = "exit")]
fn main() {}
