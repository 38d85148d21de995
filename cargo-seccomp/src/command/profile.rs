//! `cargo seccomp profile`: how often programs made each call, for the compiler.

use clap::Args;

use crate::arguments::Recorded;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  cargo seccomp profile server.json --output policies/server.profile.yaml";

/// Writes recorded counts as a profile, by which a filter decides frequent calls first
///
/// Name the file in `#[policy(\"…\", profile = \"…\")]`, or with `--profile`. It changes the order and the number of
/// instructions, never what the filter answers.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES))]
pub(crate) struct Arguments {
    #[command(flatten)]
    recorded: Recorded,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    arguments.recorded.write(&arguments.recorded.recording()?.profile(), output)
}
