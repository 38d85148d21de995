//! A program with a policy, for the tests of what it does where the filter cannot be installed.

use seccomp_runtime::policy;

#[policy(yaml = "{default_action: allow, syscalls: [{action: errno, names: [ptrace]}]}")]
fn main() {
    println!("main runs");
}
