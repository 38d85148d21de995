use seccomp_runtime::policy;

#[policy(yaml = "{default_action: allow, syscalls: [{action: trap, names: [reboot]}]}", report, report_to = LOG)]
fn main() {}
