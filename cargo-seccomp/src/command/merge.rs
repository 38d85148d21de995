//! `cargo seccomp merge`: the evidence of several recordings as one, and what follows from it.

use clap::Args;
use seccomp_compiler::visible;
use seccomp_tools::recording::{Options, Recording};

use crate::arguments::Recorded;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::render;

const EXAMPLES: &str = "\
Examples:
  cargo seccomp merge laptop.json staging.json --output all.json
  cargo seccomp merge all.json --policy --output policies/server.yaml
  cargo seccomp merge all.json --because ptrace";

/// Merges the evidence of recordings, writes a policy from it, or says who made a call
///
/// Evidence is what `cargo seccomp record --evidence` writes. Counts add up over runs and machines. The values of an argument
/// are no longer told apart if all recordings together have more than 32 of them.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES))]
pub(crate) struct Arguments {
    #[command(flatten)]
    recorded: Recorded,
    /// Write a policy that allows what was recorded, not evidence
    #[arg(long)]
    policy: bool,
    /// With `--policy`: allow only what was recorded, and nothing for other C libraries, architectures or kernels
    #[arg(long, requires = "policy")]
    exact: bool,
    /// With `--policy`: for this program alone, by its path in the evidence; repeatable
    #[arg(long, value_name = "PROGRAM", requires = "policy")]
    only: Vec<String>,
    /// Say which programs and threads made this call, with which values, and the stack that led to each first
    #[arg(long, value_name = "CALL", conflicts_with_all = ["policy", "output"])]
    because: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let recording = arguments.recorded.recording()?;
    if let Some(call) = &arguments.because {
        return because(&recording, call, output);
    }
    let text = match arguments.policy {
        true => {
            let mut options = Options::default();
            options.is_exact = arguments.exact;
            options.programs.clone_from(&arguments.only);
            recording.policy(&options)
        }
        false => recording.to_json(),
    };
    arguments.recorded.write(&text, output)
}

fn because(recording: &Recording, call: &str, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let text = recording.because(call);
    if text.is_empty() {
        output.finding(render::error(&format!("no recorded program called `{}`", visible(call))));
        return Ok(Outcome::Problems);
    }
    output.bytes(text.as_bytes())?;
    Ok(Outcome::Success)
}
