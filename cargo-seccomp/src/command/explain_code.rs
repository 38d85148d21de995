//! `cargo seccomp explain-code`: what a code means, or the list of codes.

use clap::Args;
use seccomp_compiler::{Code, Severity};
use seccomp_tools::{explanation, summary};

use crate::arguments::find_named;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;

/// Explains the code of an error or a warning
///
/// Explains the code in brackets at the beginning of an error or a warning, as in `error[unknown-syscall]`: what it
/// means, a policy that causes it, and what to do. Without a code, lists all codes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The code
    #[arg(value_name = "CODE", value_parser = code)]
    code: Option<Code>,
}

fn code(name: &str) -> Result<Code, String> {
    find_named("code", name, Code::all().map(|code| (code.name(), code)), "explain-code")
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    if let Some(code) = arguments.code {
        output.result(format_args!("{}\n\n{}", code.name(), explanation(code)))?;
        return Ok(Outcome::Success);
    }
    for code in Code::all() {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        output.result(format_args!("{:<25}{severity:<9}{}", code.name(), summary(code)))?;
    }
    Ok(Outcome::Success)
}
