use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml", report_to = LOG)]
fn main() {}
