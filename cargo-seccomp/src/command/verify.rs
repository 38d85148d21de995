//! `cargo seccomp verify`: whether a filter matches a policy, or a call that they answer differently.

use std::path::{Path, PathBuf};

use clap::Args;
use seccomp_compiler::policy::ActionKind;
use seccomp_compiler::{Architecture, Profile, Refused, verify, visible};
use seccomp_tools::program;

use crate::arguments::{Development, Target};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::wording::count;
use crate::{input, render, report};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp verify policies/tool.yaml --program tool.bpf
  cargo seccomp verify policies/tool.yaml --program tool.bpf --arch arm64";

/// Proves that a compiled filter, whoever compiled it, matches a policy
///
/// Proves that a filter, such as another compiler's or one exported earlier, answers every possible call as the policy
/// says, or shows a call that they answer differently. The filter is read as an array of the kernel's `struct
/// sock_filter` in the byte order of the architecture.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES))]
pub(crate) struct Arguments {
    /// The policy file; `-` is standard input
    #[arg(value_name = "POLICY")]
    policy: PathBuf,
    /// The filter to compare with it
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    development: Development,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architecture = arguments.target.architecture()?;
    let bytes = input::read_bytes(&arguments.program)?;
    let (policy, check) =
        input::compile(&arguments.policy, architecture, &Profile::default(), &arguments.development)?;
    report::problems(policy.name(), check.findings(), output);
    arguments.development.warn(policy.name(), output);
    let Some(compiled) = check.into_compiled() else { return Ok(Outcome::Problems) };
    let program = program::read(&bytes, architecture)
        .map_err(|error| Failure::NotAProgram { path: arguments.program.clone(), error })?;
    let file = arguments.program.display();
    let length = count(program.instructions.len(), "instruction");
    let equal = format!("{file}: equal to {} on {architecture} for every call, in {length}", policy.name());
    let equal = visible(&equal);
    if let Some(at) = program.unknown_action() {
        output.finding(unknown_action(&arguments.program, at, program.instructions[at].k));
    }
    match verify(compiled.rules().clone(), program) {
        Ok(verified) => {
            let cached = count(verified.proof().cached, "cached call");
            output.confirm(format_args!("{equal}, with {cached}"))?;
            if let Some(at) = verified.proof().unreachable {
                let note = format!("instruction {at} of `{file}` is never reached");
                output.finding(render::warning(&note));
            }
            Ok(Outcome::Success)
        }
        // The answers are right, but some take longer than necessary.
        Err(slow @ Refused::NotCached { .. }) => {
            output.confirm(equal)?;
            output.finding(render::warning(&slow.display(architecture).to_string()));
            Ok(Outcome::Success)
        }
        Err(refused) => {
            output.finding(not_equal(&refused, &arguments.program, &bytes, architecture));
            Ok(Outcome::Problems)
        }
    }
}

/// Why a filter is not proved equal, and what to do about it.
fn not_equal(refused: &Refused, file: &Path, bytes: &[u8], architecture: &Architecture) -> String {
    let reason = refused.display(architecture);
    let problem = format!("`{}` is not proved equal to the policy: {reason}", file.display());
    match program::other_architecture(bytes, architecture) {
        Some(meant) => {
            let help = format!("the filter seems to be for {meant}: add `--arch {meant}`");
            render::error_with_help(&problem, &help)
        }
        None => render::error(&problem),
    }
}

/// What an answer that is no action means.
fn unknown_action(program: &Path, at: usize, value: u32) -> String {
    let problem = format!(
        "instruction {at} of `{}` returns {value:#010x}, which is no action: the kernel kills the process for it, as for \
         `kill_process`, but only if no other filter of the process answers with a lower value",
        program.display()
    );
    let kill = ActionKind::KillProcess.return_value();
    render::warning_with_help(
        &problem,
        &format!("return {kill:#010x}, which is `kill_process` whatever others answer"),
    )
}
