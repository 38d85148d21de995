use seccomp_runtime::policy;

#[policy("include-broken-expectation.yaml")]
fn main() {}
