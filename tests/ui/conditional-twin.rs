use seccomp_runtime::policy;

#[policy("conditional-twin.yaml")]
fn main() {}
