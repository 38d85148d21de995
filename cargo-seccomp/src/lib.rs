//! `cargo seccomp`: the policy compiler at a prompt.
//!
//! ```text
//! arguments ─cli→ a command ┬ input→ policies ─compile→ filters │ findings ─render→ output, exit code
//!                           └ source→ records ─decode→ violations ─table │ ecs │ json→ output
//! ```
//!
//! [`run`] is the whole command. It takes arguments, writes to an [`Output`] and returns an [`Outcome`], so a test
//! can call it as a shell does.
//!
//! ```
//! use cargo_seccomp::{Outcome, Output};
//!
//! let mut results = Vec::new();
//! let outcome = cargo_seccomp::run(["cargo-seccomp", "--version"], &mut Output::plain(&mut results, std::io::sink()));
//! assert_eq!(outcome, Outcome::Fine);
//! assert!(results.starts_with(b"cargo-seccomp "));
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod command;
mod destination;
mod findings;
mod input;
mod outcome;
mod output;
mod render;
mod violations;

pub use outcome::Outcome;
pub use output::Output;

use std::ffi::OsString;

use clap::Parser;

use cli::{Cli, Command};
use outcome::Failure;

/// Runs the command with these arguments, of which the first is the name of the program.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString>>, output: &mut Output<'_>) -> Outcome {
    let outcome = match Cli::try_parse_from(without_cargos_own(arguments)) {
        Ok(cli) => dispatch(cli, output),
        Err(answer) => usage(&answer, output),
    };
    let outcome = outcome.and_then(|outcome| output.flush().map(|()| outcome));
    outcome.unwrap_or_else(|failure| output.failure(&failure))
}

fn dispatch(cli: Cli, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    output.set_color(cli.color);
    match cli.command {
        Command::Check(arguments) => command::check::run(&arguments, output),
        Command::Export(arguments) => command::export::run(&arguments, output),
        Command::Verify(arguments) => command::verify::run(&arguments, output),
        Command::Violations(arguments) => command::violations::run(&arguments, output),
        Command::ExplainCode(arguments) => command::explain_code::run(&arguments, output),
        Command::Sets(arguments) => command::sets::run(&arguments, output),
        Command::Schema => command::schema::run(output),
    }
}

/// What clap answers itself: help and version are results, all else is wrong usage.
fn usage(answer: &clap::Error, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let text = answer.render().ansi().to_string();
    if answer.use_stderr() {
        output.finding(text.trim_end());
        Ok(Outcome::Failed)
    } else {
        output.result(text.trim_end()).map(|()| Outcome::Fine)
    }
}

/// Cargo runs `cargo seccomp check` as `cargo-seccomp seccomp check`.
fn without_cargos_own(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    if arguments.get(1).is_some_and(|first| first == "seccomp") {
        arguments.remove(1);
    }
    arguments
}
