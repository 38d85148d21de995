//! `cargo seccomp profile`: how often programs made each call, for the compiler.

use std::path::PathBuf;

use clap::Args;
use seccomp_tools::program::Content;

use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{destination, input};

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
    /// The evidence that `cargo seccomp record` wrote; `-` is standard input
    #[arg(value_name = "EVIDENCE", required = true)]
    evidence: Vec<PathBuf>,
    /// The file to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let recording = input::evidence(&arguments.evidence)?;
    let text = recording.profile();
    destination::write(&arguments.output, Content::Text, text.as_bytes(), output)?;
    Ok(Outcome::Success)
}
