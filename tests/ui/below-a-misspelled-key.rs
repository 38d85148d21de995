use seccomp_runtime::policy;

#[policy("below-a-misspelled-key.yaml")]
fn main() {}
