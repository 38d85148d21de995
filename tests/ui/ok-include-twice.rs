use seccomp_runtime::policy;

#[policy("ok-include-twice.yaml", deny_warnings)]
fn main() {}
