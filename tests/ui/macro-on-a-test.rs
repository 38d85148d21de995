use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
#[test]
fn main() {}
