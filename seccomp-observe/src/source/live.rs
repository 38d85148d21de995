//! The sources of a running kernel. Systems other than Linux have none.

#[cfg(target_os = "linux")]
pub(super) use self::linux::Live;
#[cfg(not(target_os = "linux"))]
pub(super) use self::other::Live;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;

    use super::super::audit_socket::{self, AuditSocket};
    use super::super::kernel_log::KernelLog;
    use crate::event::{Event, Extent};

    /// One of the kernel's own sources.
    #[derive(Debug)]
    pub(in super::super) enum Live {
        Audit(AuditSocket),
        Kmsg(KernelLog),
    }

    impl Live {
        pub(in super::super) fn audit() -> io::Result<Self> {
            AuditSocket::open().map(Self::Audit)
        }

        pub(in super::super) fn kmsg(extent: Extent) -> io::Result<Self> {
            KernelLog::open(extent).map(Self::Kmsg)
        }

        /// Whether the kernel is known to send nothing here.
        pub(in super::super) fn is_elsewhere(&self) -> bool {
            matches!(self, Self::Audit(_)) && audit_socket::is_elsewhere()
        }

        pub(in super::super) fn next_event(&mut self) -> io::Result<Event<'_>> {
            match self {
                Self::Audit(socket) => socket.next_event(),
                Self::Kmsg(log) => log.next_event(),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::io;

    use crate::event::{Event, Extent};

    /// None of the kernel's own sources.
    #[derive(Debug)]
    pub(in super::super) enum Live {}

    impl Live {
        pub(in super::super) fn audit() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) fn kmsg(_: Extent) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) fn is_elsewhere(&self) -> bool {
            match *self {}
        }

        pub(in super::super) fn next_event(&mut self) -> io::Result<Event<'_>> {
            match *self {}
        }
    }
}
