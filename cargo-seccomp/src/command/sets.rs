//! `cargo seccomp sets`: the sets of system calls that a policy can name, or the members of one.

use clap::Args;
use seccomp_compiler::{Architecture, sets};

use crate::arguments::{Target, find_named};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::wording::count;

const EXAMPLES: &str = "\
Examples:
  cargo seccomp sets
  cargo seccomp sets @rust-std --arch aarch64";

/// Lists the sets of system calls that a policy can name, or the members of one
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The set, with or without its `@`
    #[arg(value_name = "SET", value_parser = set)]
    set: Option<&'static str>,
    #[command(flatten)]
    target: Target,
}

fn set(name: &str) -> Result<&'static str, String> {
    let name = format!("@{}", name.trim_start_matches('@'));
    find_named("set", &name, sets().map(|(set, _)| (set, set)), "sets")
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architecture = arguments.target.architecture()?;
    for (name, members) in sets() {
        if arguments.set.is_none() {
            let calls = count(present(members, architecture).count(), "call");
            output.result(format_args!("{name:<18}{calls:>10} on {architecture}"))?;
        } else if arguments.set == Some(name) {
            for member in present(members, architecture) {
                output.result(member)?;
            }
        }
    }
    Ok(Outcome::Success)
}

/// The members that the architecture has.
fn present<'a>(members: &'a [&'a str], architecture: &Architecture) -> impl Iterator<Item = &'a str> {
    members.iter().copied().filter(|member| architecture.syscall_number(member).is_some())
}
