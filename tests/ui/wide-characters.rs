use seccomp_runtime::policy;

#[policy("wide-characters.yaml")]
fn main() {}
