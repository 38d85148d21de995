use seccomp_runtime::policy;

#[policy(yaml = "{default_action: allow, syscalls: [{action: errno, names: [execve]}]}")]
fn main() {}
