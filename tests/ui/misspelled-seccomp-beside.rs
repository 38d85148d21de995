use seccomp_runtime::policy;

#[policy("misspelled-seccomp-beside.yaml")]
fn main() {}
