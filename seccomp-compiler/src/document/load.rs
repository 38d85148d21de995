//! Where the files that a policy includes come from: the compiler itself reads none.

use core::fmt;

/// Reads the files that policies include. A closure does, too.
///
/// ```
/// use seccomp_compiler::{LoadError, Loader};
///
/// let base = b"syscalls: [{action: errno, names: [ptrace]}]";
/// let loader = |name: &str| match name {
///     "policies/base.yaml" => Ok(base.to_vec()),
///     _ => Err(LoadError::NotFound),
/// };
/// assert_eq!(loader.load("policies/base.yaml"), Ok(base.to_vec()));
/// ```
pub trait Loader {
    /// The bytes of a file. Its name is the path in the policy joined to the folder of the file that includes it:
    /// `policies/base.yaml` for `base.yaml` in `policies/server.yaml`.
    ///
    /// # Errors
    ///
    /// Why the file cannot be read.
    fn load(&self, name: &str) -> Result<Vec<u8>, LoadError>;
}

impl<F: Fn(&str) -> Result<Vec<u8>, LoadError>> Loader for F {
    fn load(&self, name: &str) -> Result<Vec<u8>, LoadError> {
        self(name)
    }
}

/// The loader of policies that include no other file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _: &str) -> Result<Vec<u8>, LoadError> {
        Err(LoadError::Other("other files are not available here".to_owned()))
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// There is no such file.
    NotFound,
    /// It is a directory.
    IsDirectory,
    /// It is a pipe or a device, say, which may never end.
    NotAFile,
    /// The file may not be read.
    PermissionDenied,
    /// Something else, as a message: lower case, no full stop.
    Other(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no such file",
            Self::IsDirectory => "it is a directory",
            Self::NotAFile => "it is not a regular file",
            Self::PermissionDenied => "permission denied",
            Self::Other(reason) => reason,
        })
    }
}

impl core::error::Error for LoadError {}
