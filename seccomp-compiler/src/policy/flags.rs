//! The filter flags of seccomp(2), as rows.

use super::rows::rows;

/// A row of the table of flags.
struct Row {
    name: &'static str,
    kernel_name: &'static str,
    bit: u32,
    since: &'static str,
    needs_supervisor: bool,
}

rows! {
    /// A filter flag that a policy can ask for: one of `SECCOMP_FILTER_FLAG_*` of `linux/seccomp.h`.
    pub enum Flag: Row {
        /// The filter applies to every thread of the process.
        Tsync = Row {
            name: "tsync",
            kernel_name: "SECCOMP_FILTER_FLAG_TSYNC",
            bit: 1 << 0,
            since: "3.17",
            needs_supervisor: false,
        },
        /// Refused calls are logged.
        Log = Row {
            name: "log",
            kernel_name: "SECCOMP_FILTER_FLAG_LOG",
            bit: 1 << 1,
            since: "4.14",
            needs_supervisor: false,
        },
        /// The mitigation against Speculative Store Bypass stays off.
        SpecAllow = Row {
            name: "spec_allow",
            kernel_name: "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
            bit: 1 << 2,
            since: "4.17",
            needs_supervisor: false,
        },
        /// A call that waits for its supervisor is interrupted by fatal signals alone.
        WaitKillableRecv = Row {
            name: "wait_killable_recv",
            kernel_name: "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
            bit: 1 << 5,
            since: "5.19",
            needs_supervisor: true,
        },
    }
}

impl Flag {
    /// Its name in a policy.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Its name in `linux/seccomp.h`.
    pub const fn kernel_name(self) -> &'static str {
        self.row().kernel_name
    }

    /// The bit that the kernel takes.
    pub const fn bit(self) -> u32 {
        self.row().bit
    }

    /// The first version of Linux that has it.
    pub const fn since(self) -> &'static str {
        self.row().since
    }

    /// Whether it only means something to a filter with a supervisor, which the runtime does not install.
    pub const fn needs_supervisor(self) -> bool {
        self.row().needs_supervisor
    }

    /// The flag of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|flag| flag.name() == name)
    }
}

/// The filter flags that a policy asks for; `tsync` alone by default.
///
/// ```
/// use seccomp_compiler::policy::{Flag, Flags};
///
/// let flags: Flags = [Flag::Tsync, Flag::Log].into_iter().collect();
/// assert_eq!(flags.bits(), 3);
/// assert!(flags.contains(Flag::Log));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    bits: u32,
}

impl Flags {
    /// No flag.
    pub const NONE: Self = Self { bits: 0 };

    /// The bits that the kernel takes: `SECCOMP_FILTER_FLAG_*` of `linux/seccomp.h`.
    pub const fn bits(self) -> u32 {
        self.bits
    }

    /// Whether the flag is among them.
    pub const fn contains(self, flag: Flag) -> bool {
        self.bits & flag.bit() != 0
    }

    /// The flags, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.iter().copied().filter(move |flag| self.contains(*flag))
    }
}

impl Default for Flags {
    fn default() -> Self {
        Self { bits: Flag::Tsync.bit() }
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<T: IntoIterator<Item = Flag>>(flags: T) -> Self {
        Self { bits: flags.into_iter().fold(0, |bits, flag| bits | flag.bit()) }
    }
}
