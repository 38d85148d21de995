use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
struct Server;

fn main() {}
