//! The sources that a running kernel has; other systems have none.

#[cfg(target_os = "linux")]
pub(crate) use self::linux::Live;
#[cfg(not(target_os = "linux"))]
pub(crate) use self::other::Live;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;

    use super::super::audit_socket::{self, AuditSocket};
    use super::super::kernel_log::KernelLog;
    use super::super::source::{Event, Extent};

    /// One of the kernel's own sources.
    pub(crate) enum Live {
        Audit(AuditSocket),
        Kmsg(KernelLog),
    }

    impl Live {
        pub(crate) fn audit() -> io::Result<Self> {
            AuditSocket::open().map(Self::Audit)
        }

        pub(crate) fn kmsg(extent: Extent) -> io::Result<Self> {
            KernelLog::open(extent).map(Self::Kmsg)
        }

        /// Whether the kernel is known to send nothing here.
        pub(crate) fn is_elsewhere(&self) -> bool {
            matches!(self, Self::Audit(_)) && audit_socket::is_elsewhere()
        }

        pub(crate) fn next(&mut self) -> io::Result<Event<'_>> {
            match self {
                Self::Audit(socket) => socket.next(),
                Self::Kmsg(log) => log.next(),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::io;

    use super::super::source::{Event, Extent};

    /// None of the kernel's own sources.
    pub(crate) enum Live {}

    impl Live {
        pub(crate) fn audit() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(crate) fn kmsg(_: Extent) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(crate) fn is_elsewhere(&self) -> bool {
            match *self {}
        }

        pub(crate) fn next(&mut self) -> io::Result<Event<'_>> {
            match *self {}
        }
    }
}
