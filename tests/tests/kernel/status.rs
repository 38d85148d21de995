//! What /proc says of the calling thread.

use std::fs;

/// What installing a filter changes. A container may have changed it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    /// The mode of its filters: 0 for none, 2 for some.
    pub(crate) seccomp: u32,
    /// Whether it can gain no privileges any more.
    pub(crate) no_new_privs: bool,
}

impl Status {
    pub(crate) fn now() -> Self {
        Self { seccomp: number("Seccomp:"), no_new_privs: number("NoNewPrivs:") == 1 }
    }
}

/// Whether it has `CAP_SYS_ADMIN`, of capability(7).
pub(crate) fn is_administrator() -> bool {
    const CAP_SYS_ADMIN: u64 = 1 << 21;
    let capabilities = u64::from_str_radix(&field("CapEff:"), 16).expect("capabilities are hexadecimal");
    capabilities & CAP_SYS_ADMIN != 0
}

/// Whether the thread of this process still exists.
pub(crate) fn exists(thread: i32) -> bool {
    fs::exists(format!("/proc/self/task/{thread}")).expect("/proc is mounted")
}

fn number(name: &str) -> u32 {
    field(name).parse().expect("the field is a number")
}

fn field(name: &str) -> String {
    let status = fs::read_to_string("/proc/thread-self/status").expect("/proc is mounted");
    let value = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel has the field");
    value.trim().to_owned()
}
