//! A program whose filter refuses nothing, for the test of what it says about that.

use seccomp_runtime::policy;

#[policy(
    yaml = "{default_action: allow, syscalls: [{action: kill_process, names: [getppid]}]}",
    refusals = "log"
)]
fn main() {
    println!("main runs: {}", seccomp_tests::kernel::getppid().is_ok());
}
