//! Why a filter is not in place: one variant for each step that can fail.

use core::fmt;

/// Why a filter could not be installed. Nothing is filtered then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstallError {
    /// This system is not Linux, or the kernel has no filters on this architecture.
    Unsupported,
    /// The kernel was built without seccomp filters (`CONFIG_SECCOMP_FILTER`), or is older than 3.17.
    #[doc(alias = "ENOSYS")]
    NoSeccomp,
    /// no_new_privs could not be set: prctl(2) failed with this error.
    #[doc(alias = "PR_SET_NO_NEW_PRIVS")]
    NoNewPrivs(Errno),
    /// The caller has neither no_new_privs nor `CAP_SYS_ADMIN` in its user namespace. It happens with
    /// `no_new_privs: false` alone.
    #[doc(alias = "EACCES")]
    PermissionDenied,
    /// No memory, or all filters of the thread together would exceed 32768 instructions (`MAX_INSNS_PER_PATH`).
    #[doc(alias = "ENOMEM")]
    OutOfMemory,
    /// The kernel does not take the filter; it was asked again for the reason.
    #[doc(alias = "EINVAL")]
    Refused(Refusal),
    /// This thread of the process has filters of its own, so the filter could not be put on all of them (`tsync`).
    #[doc(alias = "SECCOMP_FILTER_FLAG_TSYNC")]
    ThreadSync(ThreadId),
    /// The handler that reports what the filter traps could not be installed: sigaction(2) failed with this error.
    #[cfg(feature = "report")]
    NoReporter(Errno),
    /// seccomp(2) failed with this error. One that the manual page does not know, or EACCES in spite of no_new_privs,
    /// comes from another filter: of a container, say.
    Other(Errno),
}

/// What the kernel does not take about a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// It does not know this flag of the policy: it is older than the flag.
    Flag(Flag),
    /// It knows filters and flags, so it is the program or the combination of flags.
    Program,
}

/// A filter flag of a policy.
// As wide as an errno, so that an `InstallError` is two plain numbers, which the compiler follows from where they are
// found to where they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum Flag {
    /// `tsync`, since Linux 3.17.
    #[doc(alias = "SECCOMP_FILTER_FLAG_TSYNC")]
    Tsync,
    /// `log`, since Linux 4.14.
    #[doc(alias = "SECCOMP_FILTER_FLAG_LOG")]
    Log,
    /// `spec_allow`, since Linux 4.17.
    #[doc(alias = "SECCOMP_FILTER_FLAG_SPEC_ALLOW")]
    SpecAllow,
}

impl Flag {
    /// `SECCOMP_FILTER_FLAG_*` of `linux/seccomp.h`.
    #[inline]
    pub(crate) const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// An error number of this system, as in errno(3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

/// A thread as gettid(2) numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId(pub i32);

impl InstallError {
    /// What an error of seccomp(2) means; for EINVAL the kernel is asked again.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[inline]
    pub(crate) fn from_seccomp(
        errno: Errno,
        no_new_privs: bool,
        refusal: impl FnOnce() -> Option<Refusal>,
    ) -> Self {
        // Not one `match`, of which the compiler makes a table of addresses.
        if errno.0 > libc::EACCES {
            return match errno.0 {
                libc::ENOSYS => Self::NoSeccomp,
                libc::EINVAL => refusal().map_or(Self::NoSeccomp, Self::Refused),
                _ => Self::Other(errno),
            };
        }
        match errno.0 {
            libc::EACCES if !no_new_privs => Self::PermissionDenied,
            libc::ENOMEM => Self::OutOfMemory,
            _ => Self::Other(errno),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn from_seccomp(_: Errno, _: bool, _: impl FnOnce() -> Option<Refusal>) -> Self {
        Self::Unsupported
    }

    /// The message in two parts, the second a number or nothing: so it can be printed without formatting.
    #[inline(always)]
    pub(crate) const fn words(&self) -> (&'static str, Option<i32>) {
        match self {
            Self::Unsupported => ("this system has no seccomp filters", None),
            Self::NoSeccomp => ("the kernel has no seccomp filters", None),
            Self::NoNewPrivs(errno) => ("no_new_privs was refused with errno ", Some(errno.0)),
            Self::PermissionDenied => ("without no_new_privs it needs CAP_SYS_ADMIN", None),
            Self::OutOfMemory => ("out of memory, or too many filters on this thread", None),
            Self::Refused(Refusal::Flag(Flag::Tsync)) => ("the kernel does not know the flag `tsync`", None),
            Self::Refused(Refusal::Flag(Flag::Log)) => ("the kernel does not know the flag `log`", None),
            Self::Refused(Refusal::Flag(Flag::SpecAllow)) => {
                ("the kernel does not know the flag `spec_allow`", None)
            }
            Self::Refused(Refusal::Program) => ("the kernel refused the program", None),
            Self::ThreadSync(thread) => ("other filters are on the thread ", Some(thread.0)),
            #[cfg(feature = "report")]
            Self::NoReporter(errno) => ("the handler of SIGSYS was refused with errno ", Some(errno.0)),
            Self::Other(errno) => ("seccomp failed with errno ", Some(errno.0)),
        }
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.words() {
            (text, None) => f.write_str(text),
            (text, Some(number)) => write!(f, "{text}{number}"),
        }
    }
}

impl core::error::Error for InstallError {}
