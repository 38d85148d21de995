use seccomp_runtime::policy;

const LOG: i32 = 3;

#[policy(yaml = "{default_action: allow, syscalls: [{action: trap, names: [reboot]}]}", report, report_to = LOG)]
fn main() {}
