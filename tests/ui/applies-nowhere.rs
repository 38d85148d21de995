use seccomp_runtime::policy;

#[policy("applies-nowhere.yaml")]
fn main() {}
