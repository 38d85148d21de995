use seccomp_runtime::policy;

#[policy("flag-needs-supervisor.yaml")]
fn main() {}
