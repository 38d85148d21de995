use seccomp_runtime::policy;

#[policy("key-beside-seccomp.yaml")]
fn main() {}
