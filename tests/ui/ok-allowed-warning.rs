use seccomp_runtime::policy;

#[policy("ok-allowed-warning.yaml", deny_warnings)]
fn main() {}
