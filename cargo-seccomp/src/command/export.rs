//! `cargo seccomp export`: a policy in, the bytes of its filter or their disassembly out.

use seccomp_compiler::{Compiled, Compiler};

use super::report;
use crate::cli::{Export, Format};
use crate::destination::{self, Content};
use crate::findings::Findings;
use crate::input;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::render;

pub(crate) fn run(arguments: &Export, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architecture = arguments.arch.map_or_else(super::host, Ok)?;
    let policy = input::read(&arguments.policy)?;
    if arguments
        .output
        .canonicalize()
        .is_ok_and(|output| arguments.policy.canonicalize().is_ok_and(|of| of == output))
    {
        return Err(Failure::Overwrites { path: arguments.output.clone() });
    }
    let compiled = Compiler::for_architecture(architecture).loader(&input::load).compile(&policy);
    let diagnostics = compiled.as_ref().map_or_else(Clone::clone, Compiled::warnings);
    let mut findings = Findings::default();
    findings.add(architecture, &diagnostics, diagnostics.more());
    report(policy.name(), &findings, output);
    match compiled {
        Err(_) => Ok(Outcome::Problems),
        Ok(compiled) if !compiled.enabled => Ok(refuse_disabled(policy.name(), output)),
        Ok(compiled) => write(arguments, &compiled, output),
    }
}

/// A policy that is switched off asks for no filter: one that was exported would be installed all the same.
fn refuse_disabled(policy: &str, output: &mut Output<'_>) -> Outcome {
    let problem = format!("`{policy}` says `enabled: false`: there is no filter to export");
    output.finding(render::error(&problem));
    Outcome::Problems
}

fn write(arguments: &Export, compiled: &Compiled, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let program = compiled.program();
    let (content, bytes) = match arguments.format {
        Format::Bpf => (Content::Binary, program.to_bytes()),
        Format::Asm => (Content::Text, program.to_string().into_bytes()),
    };
    destination::write(&arguments.output, content, &bytes, output)?;
    Ok(Outcome::Fine)
}
