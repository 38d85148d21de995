use seccomp_runtime::policy;

#[policy("deny-warnings.yaml", deny_warnings)]
fn main() {}
