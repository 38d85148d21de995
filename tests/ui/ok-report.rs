use seccomp_runtime::policy;

#[policy(yaml = "{default_action: allow, syscalls: [{action: trap, names: [reboot]}]}", report = "errno(EPERM)")]
fn main() {}
