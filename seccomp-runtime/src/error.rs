//! Why a filter could not be installed: one variant for each step that can fail.

use core::fmt;

use crate::errno::Errno;

/// Why a filter could not be installed. No thread is filtered then.
///
/// With the feature `std` it converts into [`std::io::Error`](https://doc.rust-lang.org/std/io/struct.Error.html), also by
/// `?`: without it, rustc says that `?` couldn't convert the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstallError {
    /// This system is not Linux, or the kernel has no filters on this architecture.
    ///
    /// What to do: build for Linux; or apply `#[policy]` only where there are filters, as [Systems](crate#systems) shows.
    Unsupported,
    /// The kernel was built without seccomp filters (`CONFIG_SECCOMP_FILTER`), or is older than 3.17.
    ///
    /// What to do: use another kernel (`/boot/config-*` or `/proc/config.gz` says what one was built with); or, if the program
    /// may run without a filter there, `on_failure = "warn"`.
    #[doc(alias = "ENOSYS")]
    NoSeccomp,
    /// Another filter that is already on this thread, such as that of a container, refuses seccomp(2) with this error.
    ///
    /// What to do: allow `seccomp` and `prctl` in the policy of that filter. In a container, that is its seccomp profile; the
    /// default profiles of Docker and Podman allow both. If it is a filter of this program, install this one first.
    #[doc(alias = "EPERM")]
    RefusedByFilter(Errno),
    /// Another filter, or a supervisor or tracer, answers seccomp(2) with success in the kernel's place, so that
    /// nothing would have been installed.
    ///
    /// What to do: find what answers (a filter with `errno(0)` for `seccomp`, a supervisor, a tracer), and have it leave the
    /// call to the kernel.
    FalseSuccess,
    /// prctl(2) could not set no_new_privs, and failed with this error.
    ///
    /// What to do: the kernel itself does not refuse this, so allow `prctl` in the policy of the filter that does.
    #[doc(alias = "PR_SET_NO_NEW_PRIVS")]
    NoNewPrivs(Errno),
    /// The caller has neither no_new_privs nor `CAP_SYS_ADMIN` in its user namespace. Only a policy with
    /// `no_new_privs: false` can fail in this way.
    ///
    /// What to do: remove that line from the policy; or, if the program must be able to start set-user-ID programs, give it
    /// the capability.
    #[doc(alias = "EACCES")]
    PermissionDenied,
    /// The kernel is out of memory, or all filters of the thread together would exceed 32768 instructions
    /// (`MAX_INSNS_PER_PATH`).
    ///
    /// What to do: install each filter once. A program that starts itself again adds a filter each time, as it inherits those
    /// that it had.
    #[doc(alias = "ENOMEM")]
    OutOfMemory,
    /// The kernel rejected the filter. [`Refusal`] says why, and what to do.
    #[doc(alias = "EINVAL")]
    Refused(Refusal),
    /// This thread of the process has other filters than the caller, so that the filter could not be installed on all
    /// threads (`tsync`).
    ///
    /// What to do: install this filter before those of single threads; or only where it is needed, with
    /// [`install_on_current_thread`](crate::Filter::install_on_current_thread).
    #[doc(alias = "SECCOMP_FILTER_FLAG_TSYNC")]
    ThreadSync(ThreadId),
    /// sigaction(2) could not install the handler that reports trapped calls, and failed with this error.
    ///
    /// What to do: for ENOSYS, leave out `report`, which this architecture does not have; for another error, allow
    /// `rt_sigaction` in the policy of the filter that refuses it.
    #[cfg(feature = "report")]
    NoReporter(Errno),
    /// seccomp(2) failed with this error, which its manual page does not list, although this thread has no other
    /// filter: a tracer may have answered.
    ///
    /// What to do: run the program without the tracer.
    Other(Errno),
}

/// How each message ends.
pub(crate) const SEE: &str = SEE_LINE.trim_ascii_end();
/// The same, and the end of the line.
pub(crate) const SEE_LINE: &str = "; see seccomp_runtime::refused\n";

/// Why the kernel rejected a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The kernel is older than this flag of the policy.
    ///
    /// What to do: remove the flag from the policy's `flags`, or use a newer kernel.
    Flag(Flag),
    /// The kernel knows all flags, so it rejects the program, or the combination of flags.
    ///
    /// What to do: look for another filter that answers EINVAL, since no kernel is known to reject a program of this compiler.
    Program,
}

/// Flags as rows: the name in a policy, and the bit, which is that of `linux/seccomp.h`.
macro_rules! flags {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $bit:expr;)*) => {
        /// A filter flag of a policy.
        // As wide as an errno, so that an `InstallError` is two plain numbers, which the compiler can follow from the
        // system call to the message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u32)]
        pub enum Flag {
            $($(#[$meta])* $variant = $bit,)*
        }

        impl Flag {
            /// Every flag.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in a policy.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The first flag for which this holds. Not a loop over `ALL`, which would be a table in every program.
            #[inline(always)]
            pub(crate) fn find(holds: impl Fn(Self) -> bool) -> Option<Self> {
                $(if holds(Self::$variant) {
                    return Some(Self::$variant);
                })*
                None
            }

            const fn unknown(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("the kernel does not know the flag `", $name, "`"),)*
                }
            }
        }
    };
}

flags! {
    /// `tsync`, since Linux 3.17.
    #[doc(alias = "SECCOMP_FILTER_FLAG_TSYNC")]
    Tsync = "tsync", 1 << 0;
    /// `log`, since Linux 4.14.
    #[doc(alias = "SECCOMP_FILTER_FLAG_LOG")]
    Log = "log", 1 << 1;
    /// `spec_allow`, since Linux 4.17.
    #[doc(alias = "SECCOMP_FILTER_FLAG_SPEC_ALLOW")]
    SpecAllow = "spec_allow", 1 << 2;
}

impl Flag {
    /// `SECCOMP_FILTER_FLAG_*` of `linux/seccomp.h`.
    #[inline]
    pub const fn bit(self) -> u32 {
        self as u32
    }
}

/// A thread as gettid(2) numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId(pub i32);

impl InstallError {
    /// What an error of seccomp(2) means. EINVAL has several meanings, which `refusal` tells apart, and some errors come
    /// from the kernel only where no other filter `is_filtered`.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[inline]
    pub(crate) fn from_seccomp(
        errno: Errno,
        no_new_privs: bool,
        refusal: impl FnOnce() -> Option<Refusal>,
        is_filtered: impl FnOnce() -> bool,
    ) -> Self {
        // Not one `match`, which would compile to a table of addresses.
        if errno.0 == libc::ENOMEM {
            return Self::OutOfMemory;
        }
        if errno.0 == libc::EACCES && !no_new_privs {
            return Self::PermissionDenied;
        }
        if errno.0 == libc::EINVAL
            && let Some(refusal) = refusal()
        {
            return Self::Refused(refusal);
        }
        if is_filtered() {
            Self::RefusedByFilter(errno)
        } else if errno.0 == libc::ENOSYS || errno.0 == libc::EINVAL {
            Self::NoSeccomp
        } else {
            Self::Other(errno)
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn from_seccomp(
        _: Errno,
        _: bool,
        _: impl FnOnce() -> Option<Refusal>,
        _: impl FnOnce() -> bool,
    ) -> Self {
        Self::Unsupported
    }

    /// The message, and its end apart, so that it can be printed without formatting.
    #[inline(always)]
    pub(crate) const fn message(&self) -> (&'static str, Detail) {
        match self {
            Self::Unsupported => ("this system has no seccomp filters", Detail::None),
            Self::NoSeccomp => ("the kernel has no seccomp filters", Detail::None),
            Self::RefusedByFilter(errno) => (
                "another filter, such as a container's, refuses seccomp(2) with error ",
                Detail::Errno(*errno),
            ),
            Self::FalseSuccess => {
                ("another filter answers seccomp(2) with success and installs nothing", Detail::None)
            }
            Self::NoNewPrivs(errno) => ("setting no_new_privs failed with error ", Detail::Errno(*errno)),
            Self::PermissionDenied => ("without no_new_privs, CAP_SYS_ADMIN is required", Detail::None),
            Self::OutOfMemory => ("out of memory, or too many filters on this thread", Detail::None),
            Self::Refused(Refusal::Flag(flag)) => (flag.unknown(), Detail::None),
            Self::Refused(Refusal::Program) => ("the kernel rejected the program", Detail::None),
            Self::ThreadSync(thread) => ("conflicting filters on thread ", Detail::Thread(*thread)),
            #[cfg(feature = "report")]
            Self::NoReporter(errno) => {
                ("installing the SIGSYS handler failed with error ", Detail::Errno(*errno))
            }
            Self::Other(errno) => ("seccomp(2) failed with error ", Detail::Errno(*errno)),
        }
    }
}

/// The end of a message.
pub(crate) enum Detail {
    None,
    Errno(Errno),
    Thread(ThreadId),
}

impl Detail {
    #[inline(always)]
    pub(crate) const fn name(&self) -> Option<&'static str> {
        match self {
            Self::Errno(errno) => errno.name(),
            Self::None | Self::Thread(_) => None,
        }
    }

    #[inline(always)]
    pub(crate) const fn number(&self) -> Option<i32> {
        match self {
            Self::Errno(Errno(number)) | Self::Thread(ThreadId(number)) => Some(*number),
            Self::None => None,
        }
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, detail) = self.message();
        f.write_str(text)?;
        match (detail.name(), detail.number()) {
            (Some(name), _) => f.write_str(name),
            (None, Some(number)) => write!(f, "{number}"),
            (None, None) => Ok(()),
        }?;
        f.write_str(SEE)
    }
}

impl core::error::Error for InstallError {}

const _: () = {
    const fn can_be_boxed<E: core::error::Error + Send + Sync + 'static>() {}
    can_be_boxed::<InstallError>();
};
