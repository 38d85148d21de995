//! `cargo seccomp`: arguments, terminal and exit codes. What it says about policies comes from `seccomp-tools`, and what
//! it says about a running kernel from `seccomp-observe`.
//!
//! [`run`] is the whole command. It takes arguments, writes to an [`Output`] and returns an [`Outcome`], so that a test
//! can call it like a shell.
//!
//! ```
//! use cargo_seccomp::{Outcome, Output};
//!
//! let mut results = Vec::new();
//! let outcome = cargo_seccomp::run(["cargo-seccomp", "--version"], &mut Output::plain(&mut results, std::io::sink()));
//! assert_eq!(outcome, Outcome::Success);
//! assert!(results.starts_with(b"cargo-seccomp "));
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_macros)]

mod advice;
mod arguments;
mod cli;
mod command;
mod descriptor;
mod destination;
mod discover;
mod input;
mod outcome;
mod output;
mod render;
mod report;
mod tracing;
mod wording;

pub use outcome::Outcome;
pub use output::Output;

use std::ffi::OsString;

use clap::Parser;

use cli::Cli;
use outcome::Failure;

/// Runs the command with these arguments; the first one is the name of the program.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString>>, output: &mut Output<'_>) -> Outcome {
    let outcome = match Cli::try_parse_from(without_subcommand_name(arguments)) {
        Ok(cli) => {
            output.set_color(cli.color);
            cli.command.run(output)
        }
        Err(answer) => answer_usage(&answer, output),
    };
    let outcome = outcome.and_then(|outcome| output.flush().map(|()| outcome));
    outcome.unwrap_or_else(|failure| output.failure(&failure))
}

/// What clap answers itself: help and version are results, everything else is wrong usage.
fn answer_usage(answer: &clap::Error, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let text = answer.render().ansi().to_string();
    if answer.use_stderr() {
        output.finding(text.trim_end());
        Ok(Outcome::Failed)
    } else {
        output.result(text.trim_end()).map(|()| Outcome::Success)
    }
}

/// Cargo runs `cargo seccomp check` as `cargo-seccomp seccomp check`.
fn without_subcommand_name(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    if arguments.get(1).is_some_and(|first| first == "seccomp") {
        arguments.remove(1);
    }
    arguments
}
