//! `cargo seccomp schema`: the JSON Schema of policies.

use clap::Args;

use crate::outcome::{Failure, Outcome};
use crate::output::Output;

/// Prints the JSON Schema of policies, with which editors complete names and mark mistakes
#[derive(Debug, Args)]
pub(crate) struct Arguments;

pub(crate) fn run(_: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    output.bytes(seccomp_compiler::schema().as_bytes())?;
    Ok(Outcome::Success)
}
