//! Error numbers and their names.

use core::fmt;

/// An error number of this system, as in errno(3).
///
/// [`Display`](fmt::Display) names the errors that installing a filter usually fails with:
///
/// ```
/// use seccomp_runtime::Errno;
///
/// # #[cfg(any(target_os = "linux", target_os = "android"))]
/// assert_eq!(Errno(13).to_string(), "EACCES (13)");
/// assert_eq!(Errno(4095).to_string(), "4095");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

impl Errno {
    /// The name of the error, if it is one that the kernel, or another filter, usually gives for prctl(2), seccomp(2)
    /// or sigaction(2).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[inline(always)]
    pub(crate) const fn name(self) -> Option<&'static str> {
        // Not one `match`, which would compile to a table of addresses.
        if self.0 > libc::EACCES {
            return match self.0 {
                libc::EINVAL => Some("EINVAL"),
                libc::ENOSYS => Some("ENOSYS"),
                _ => None,
            };
        }
        match self.0 {
            libc::EPERM => Some("EPERM"),
            libc::EACCES => Some("EACCES"),
            _ => None,
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) const fn name(self) -> Option<&'static str> {
        None
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

// A `main` that returns the error shows it in this form.
impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Errno({self})")
    }
}
