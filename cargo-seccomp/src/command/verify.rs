//! `cargo seccomp verify`: a policy and a program of any hand in; whether they are equal, or a call on which they
//! differ, out.

use seccomp_compiler::{Architecture, Compiled, Compiler, Program, Refused, Verified, verify};

use super::{count, report};
use crate::cli::Verify;
use crate::findings::Findings;
use crate::input;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::render;

pub(crate) fn run(arguments: &Verify, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architecture = arguments.arch.map_or_else(super::host, Ok)?;
    let policy = input::read(&arguments.policy)?;
    let bytes = input::read_bytes(&arguments.program)?;
    let compiled = Compiler::for_architecture(architecture).loader(&input::load).compile(&policy);
    let diagnostics = compiled.as_ref().map_or_else(Clone::clone, Compiled::warnings);
    let mut findings = Findings::default();
    findings.add(architecture, &diagnostics, diagnostics.more());
    report(policy.name(), &findings, output);
    let Ok(compiled) = compiled else { return Ok(Outcome::Problems) };
    let Some(program) = Program::from_bytes(&bytes, architecture.endian()) else {
        return Err(Failure::NoProgram { path: arguments.program.clone(), bytes: bytes.len() });
    };
    let length = program.instructions.len();
    tell(arguments, architecture, length, &judge(&compiled, program), output)
}

fn judge(compiled: &Compiled, program: Program) -> Result<Verified, Refused> {
    verify(compiled.rules().clone(), program)
}

fn tell(
    arguments: &Verify,
    architecture: &Architecture,
    length: usize,
    outcome: &Result<Verified, Refused>,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let program = arguments.program.display();
    let equal = format!(
        "{program}: equal to {} on {architecture} for every call, in {}",
        arguments.policy.display(),
        count(length, "instruction"),
    );
    match outcome {
        Ok(verified) => {
            let cached = count(verified.proof().cached, "cached call");
            output.result(format_args!("{equal}, with {cached}"))?;
            Ok(Outcome::Fine)
        }
        // The answers are right, but some take longer than they need.
        Err(slow @ Refused::NotCached { .. }) => {
            output.result(equal)?;
            output.finding(render::line(
                seccomp_compiler::Severity::Warning,
                &slow.display(architecture).to_string(),
            ));
            Ok(Outcome::Fine)
        }
        Err(refused) => {
            let problem =
                format!("`{program}` is not proved equal to the policy: {}", refused.display(architecture));
            output.finding(render::error(&problem));
            Ok(Outcome::Problems)
        }
    }
}
