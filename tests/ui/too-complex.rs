use seccomp_runtime::policy;

#[policy("too-complex.yaml")]
fn main() {}
