//! [`InstallError`] as an [`io::Error`].

extern crate std;

use std::io::{Error, ErrorKind};

use crate::error::InstallError;

/// The error has the kind of the failed system call's error, and holds the [`InstallError`]:
///
/// ```
/// use std::io::{Error, ErrorKind};
///
/// use seccomp_runtime::{Errno, InstallError};
///
/// let error = Error::from(InstallError::OutOfMemory);
/// assert_eq!(error.kind(), ErrorKind::OutOfMemory);
///
/// # #[cfg(any(target_os = "linux", target_os = "android"))] {
/// let error = Error::from(InstallError::RefusedByFilter(Errno(1)));
/// assert_eq!(error.kind(), ErrorKind::PermissionDenied);
/// let message = "another filter, such as a container's, refuses seccomp(2) with error EPERM; \
///                see seccomp_runtime::refused";
/// assert_eq!(error.to_string(), message);
/// assert_eq!(error.downcast::<InstallError>()?, InstallError::RefusedByFilter(Errno(1)));
/// # }
/// # Ok::<(), Error>(())
/// ```
impl From<InstallError> for Error {
    fn from(error: InstallError) -> Self {
        let kind = match error {
            InstallError::Unsupported | InstallError::NoSeccomp | InstallError::FalseSuccess => {
                ErrorKind::Unsupported
            }
            InstallError::PermissionDenied => ErrorKind::PermissionDenied,
            InstallError::OutOfMemory => ErrorKind::OutOfMemory,
            InstallError::Refused(_) => ErrorKind::InvalidInput,
            InstallError::ThreadSync(_) => ErrorKind::ResourceBusy,
            #[cfg(feature = "report")]
            InstallError::NoReporter(errno) => Self::from_raw_os_error(errno.0).kind(),
            InstallError::NoNewPrivs(errno)
            | InstallError::RefusedByFilter(errno)
            | InstallError::Other(errno) => Self::from_raw_os_error(errno.0).kind(),
        };
        Self::new(kind, error)
    }
}
