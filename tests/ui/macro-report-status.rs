use seccomp_runtime::policy;

#[policy(yaml = "{default_action: trap, syscalls: [{action: allow, names: [read]}]}", report = "exit(256)")]
fn main() {}
