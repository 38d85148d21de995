//! `cargo seccomp explain-code`: the section of the page on problems that a code has.

use seccomp_compiler::{Code, Severity};

use crate::cli::ExplainCode;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;

/// The page, with a section for each code; a test of the project holds it to that.
const PAGE: &str = include_str!("../../docs/diagnostics.md");

pub(crate) fn run(arguments: &ExplainCode, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    match arguments.code {
        Some(code) => output.result(section(code))?,
        None => {
            for code in Code::ALL {
                let kind = match code.severity() {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                };
                output.result(format_args!("{:<24}{kind}", code.name()))?;
            }
        }
    }
    Ok(Outcome::Fine)
}

/// The code with what the page says under its heading.
fn section(code: Code) -> String {
    let heading = format!("\n## {}\n", code.name());
    let rest = PAGE.split_once(&heading).map_or("", |(_, rest)| rest);
    let text = rest.split_once("\n## ").map_or(rest, |(text, _)| text);
    format!("{}\n\n{}", code.name(), text.trim())
}
