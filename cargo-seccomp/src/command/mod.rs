//! The subcommands, one a file: arguments and an output in, an outcome out.

pub(crate) mod check;
pub(crate) mod explain_code;
pub(crate) mod export;
pub(crate) mod schema;
pub(crate) mod sets;
pub(crate) mod verify;
pub(crate) mod violations;

use seccomp_compiler::{Architecture, Severity};

use crate::findings::Findings;
use crate::outcome::Failure;
use crate::output::Output;
use crate::render;

/// The architecture where the user names none.
fn host() -> Result<&'static Architecture, Failure> {
    Architecture::host().ok_or(Failure::NoHost)
}

/// Draws the problems of a policy, then says how many they are.
fn report(policy: &str, findings: &Findings, output: &mut Output<'_>) {
    for (diagnostic, note) in findings.iter() {
        output.finding(render::problem(diagnostic, note.as_deref()));
    }
    for (severity, name) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        let (number, located) = (findings.count(severity), findings.located(severity));
        let shown = if located < number { format!(", of which {located} are shown") } else { String::new() };
        if number != 0 {
            let total = format!("`{policy}` has {}{shown}", count(number, name));
            output.finding(render::line(severity, &total));
        }
    }
}

/// `1 instruction`, `9 instructions`.
fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
