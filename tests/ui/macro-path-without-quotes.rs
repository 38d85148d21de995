use seccomp_runtime::policy;

#[policy(no_exec)]
fn main() {}
