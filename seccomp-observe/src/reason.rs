//! Why a file cannot be read or written, worded alike wherever it is said.

use std::io::{self, ErrorKind};

use seccomp_compiler::LoadError;

/// The reason of an error of the system, in the words in which the compiler gives reasons: without its number, and so
/// that it can follow `cannot read FILE:`.
///
/// ```
/// let error = std::fs::read("missing.yaml").expect_err("there is no such file");
/// assert_eq!(seccomp_observe::reason(&error).to_string(), "no such file");
/// ```
pub fn reason(error: &io::Error) -> LoadError {
    match error.kind() {
        ErrorKind::NotFound => LoadError::NotFound,
        ErrorKind::IsADirectory => LoadError::IsDirectory,
        ErrorKind::PermissionDenied => LoadError::PermissionDenied,
        _ => {
            let text = error.to_string();
            let mut text = text.split(" (os error ").next().unwrap_or_default().chars();
            let first = text.next().map(|first| first.to_ascii_lowercase());
            LoadError::Other(first.into_iter().chain(text).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{io, reason};

    #[test]
    fn a_reason_is_lower_case_and_has_no_number() {
        let full = io::Error::from_raw_os_error(28);
        assert_eq!(reason(&full).to_string(), "no space left on device");
        assert_eq!(reason(&io::Error::other("Broken")).to_string(), "broken");
    }
}
