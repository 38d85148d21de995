//! The subcommands, one a file: arguments and an output in, an outcome out.

pub(crate) mod check;
pub(crate) mod export;

use seccomp_compiler::Architecture;

use crate::outcome::Failure;

/// The architecture where the user names none.
fn host() -> Result<&'static Architecture, Failure> {
    Architecture::host().ok_or(Failure::NoHost)
}

/// `1 instruction`, `9 instructions`.
fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
