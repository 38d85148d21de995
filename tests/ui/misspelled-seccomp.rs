use seccomp_runtime::policy;

#[policy("misspelled-seccomp.yaml")]
fn main() {}
