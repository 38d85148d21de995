//! A program that goes on without its filter, for the tests of what it does where that cannot be installed.

use seccomp_runtime::policy;

#[policy(yaml = "{default_action: allow, syscalls: [{action: errno, names: [ptrace]}]}", on_failure = "warn")]
fn main() {
    println!("main runs");
}
