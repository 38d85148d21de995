#![deny(warnings)]
use seccomp_runtime::policy;

#[policy(
    yaml = "{default_action: allow, syscalls: [{action: errno, names: [execve, execveat]}]}",
    static = FILTER
)]
fn main() {
    const FILTER: u8 = 3;
    mod seccomp_runtime {
        pub(super) const VALUE: u8 = 3;
    }
    if FILTER == seccomp_runtime::VALUE {
        return;
    }
    panic!("these are the names of the body");
}
