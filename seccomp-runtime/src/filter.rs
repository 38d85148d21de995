//! A filter: a finished program, and how to install it.

use crate::error::{Flag, InstallError, Refusal, ThreadId};
use crate::sys;

/// One instruction of classic BPF, laid out as `struct sock_filter` of `linux/filter.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Instruction {
    /// The opcode.
    pub code: u16,
    /// How many instructions a conditional jump skips if its condition holds.
    pub jt: u8,
    /// How many instructions it skips otherwise.
    pub jf: u8,
    /// The operand.
    pub k: u32,
}

/// A filter that was compiled from a policy and proved equal to it when the program was built.
///
/// [`include_policy!`](crate::include_policy) makes one.
///
/// ```
/// use seccomp_runtime::{Filter, include_policy};
///
/// static FILTER: Filter = include_policy!(yaml = "
/// enabled: false
/// default_action: errno
/// syscalls: [{action: allow, names: [read, write, exit_group]}]
/// ");
/// assert!(!FILTER.is_enabled());
/// FILTER.install()?; // A disabled filter is checked and compiled, but never installed.
/// assert_eq!(FILTER.table_version(), "Linux 7.2");
/// # Ok::<(), seccomp_runtime::InstallError>(())
/// ```
#[derive(Debug)]
pub struct Filter {
    program: Option<&'static [Instruction]>,
    flags: u32,
    no_new_privs: bool,
    enabled: bool,
    only_logs: bool,
    table_version: &'static str,
    #[cfg(feature = "report")]
    report: Option<&'static crate::report::Report>,
}

const TSYNC: u32 = Flag::Tsync.bit();

const ONLY_LOGS: &[u8] =
    b"seccomp: the filter of this program refuses nothing and only logs: its policy was compiled \
                          with `refusals = \"log\"`";

/// `BPF_MAXINSNS` of `linux/bpf_common.h`.
const MAX_INSTRUCTIONS: usize = 4096;

impl Filter {
    /// Installs the filter for all threads of this process; without `tsync` among the policy's `flags`, for the calling
    /// thread and those that it starts from then on.
    ///
    /// It takes three system calls: prctl(2) `PR_SET_NO_NEW_PRIVS`, unless the policy says `no_new_privs: false`, and
    /// seccomp(2) `SECCOMP_SET_MODE_FILTER` twice. A policy with `enabled: false` makes none, and succeeds.
    ///
    /// The first seccomp(2) has no program and is there to fail: only the kernel itself answers it with EFAULT. Another
    /// filter that answers with success would otherwise leave the program unfiltered without a word. Filters do so with
    /// `errno(0)`, as systemd-nspawn's for fsync(2) with `--suppress-sync=`, and supervisors and tracers may, which
    /// answer calls in the kernel's place. It takes less than a hundredth of the time in which the kernel installs a
    /// program: 0.8 of 106 µs for 60 instructions on Linux 6.18, x86_64. What tells the two calls apart on purpose cannot be seen through.
    ///
    /// A filter cannot be removed, and is inherited by child processes and across execve(2). A process can have
    /// several: the strictest of their verdicts counts.
    ///
    /// # Errors
    ///
    /// [`InstallError`] has a variant for each step that can fail. No thread is filtered then, but no_new_privs may
    /// stay set.
    #[inline]
    pub fn install(&self) -> Result<(), InstallError> {
        self.install_with(self.flags)
    }

    /// Installs the filter only for the calling thread and those that it starts from then on.
    ///
    /// This is [`install`](Self::install) without `tsync`.
    ///
    /// # Errors
    ///
    /// The same as those of [`install`](Self::install).
    #[inline]
    pub fn install_on_current_thread(&self) -> Result<(), InstallError> {
        self.install_with(self.flags & !TSYNC)
    }

    /// The program; empty for a policy with `enabled: false`, and on architectures without filters.
    pub fn instructions(&self) -> &'static [Instruction] {
        self.program.filter(|_| self.enabled).unwrap_or_default()
    }

    /// Whether installing does anything: whether the policy says `enabled: true`, the default.
    pub const fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// The kernel release whose tables gave the policy its meaning.
    pub const fn table_version(&self) -> &'static str {
        self.table_version
    }

    #[inline]
    fn install_with(&self, flags: u32) -> Result<(), InstallError> {
        let Some(program) = self.program else { return Err(InstallError::Unsupported) };
        if !self.enabled {
            return Ok(());
        }
        if self.only_logs {
            sys::write_line(sys::STANDARD_ERROR, [ONLY_LOGS, b"", b"", b"\n"]);
        }
        #[cfg(feature = "report")]
        if let Some(report) = self.report {
            sys::handle_traps(report).map_err(InstallError::NoReporter)?;
        }
        if self.no_new_privs {
            sys::set_no_new_privs().map_err(InstallError::NoNewPrivs)?;
        }
        let failed = |errno| {
            let refusal = || refusal(flags);
            InstallError::from_seccomp(errno, self.no_new_privs, refusal, sys::is_filtered)
        };
        sys::probe(flags).map_err(|answer| answer.map_or(InstallError::FalseSuccess, failed))?;
        match sys::set_filter(program, flags) {
            // The kernel returns the thread that it cannot synchronise as a positive number, not as an error.
            Ok(0) => Ok(()),
            Ok(thread) => Err(InstallError::ThreadSync(ThreadId(thread))),
            Err(errno) => Err(failed(errno)),
        }
    }
}

/// Why the kernel answered EINVAL. `None` if the kernel has no filters.
#[inline]
fn refusal(flags: u32) -> Option<Refusal> {
    if sys::probe(0).is_err() {
        return None;
    }
    let unknown = Flag::find(|flag| flags & flag.bit() != 0 && sys::probe(flag.bit()).is_err());
    Some(unknown.map_or(Refusal::Program, Refusal::Flag))
}

/// What the macros know of a policy's filter.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    pub program: &'static [Instruction],
    pub flags: u32,
    pub no_new_privs: bool,
    pub enabled: bool,
    pub only_logs: bool,
    pub table_version: &'static str,
}

/// The filter of a policy.
#[doc(hidden)]
#[must_use]
pub const fn filter(parts: Parts) -> Filter {
    let Parts { program, flags, no_new_privs, enabled, only_logs, table_version } = parts;
    assert!(program.len() <= MAX_INSTRUCTIONS, "the kernel takes at most 4096 instructions");
    Filter {
        program: Some(program),
        flags,
        no_new_privs,
        enabled,
        only_logs,
        table_version,
        #[cfg(feature = "report")]
        report: None,
    }
}

/// The filter with a reporter for the calls that it traps.
#[doc(hidden)]
#[cfg(feature = "report")]
#[must_use]
pub const fn reporting(filter: Filter, report: &'static crate::report::Report) -> Filter {
    Filter { report: Some(report), ..filter }
}

/// The filter of any policy on a target that has no filters.
#[doc(hidden)]
#[must_use]
pub const fn unsupported(table_version: &'static str) -> Filter {
    let parts =
        Parts { program: &[], flags: 0, no_new_privs: false, enabled: true, only_logs: false, table_version };
    Filter { program: None, ..filter(parts) }
}
