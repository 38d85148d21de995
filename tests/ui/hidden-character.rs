use seccomp_runtime::policy;

#[policy("hidden-character.yaml")]
fn main() {}
