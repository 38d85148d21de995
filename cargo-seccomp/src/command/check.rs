//! `cargo seccomp check`: what is wrong with policies, and on which architectures they are proved.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use seccomp_compiler::{Architecture, Profile, Severity, SourceFile};
use seccomp_tools::Check;

use crate::arguments::{Development, Targets};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{input, render, report};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp check policies/server.yaml
  cargo seccomp check policies/*.yaml --arch x86_64 --arch aarch64-unknown-linux-musl
  cargo seccomp check policies/server.yaml --all-architectures --verbose";

/// Checks policies: finds every mistake, compiles the filter and proves it
///
/// Reports all mistakes of each policy at once, with their lines. A policy without mistakes is compiled to a filter,
/// which is proved to answer every possible call as the policy says.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES))]
pub(crate) struct Arguments {
    /// The policy files
    #[arg(required = true, value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    targets: Targets,
    /// Decide first what the program calls most, by the counts in this file: a YAML mapping of system calls to counts.
    /// It changes the order of tests and the length of the filter, not its answers
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    #[command(flatten)]
    development: Development,
    /// Treat warnings as errors
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Also show the size of the proof (nodes of decision diagrams), how many system calls the kernel allows from its
    /// cache without running the filter, how long everything took, and what each effect came to
    #[arg(long, short)]
    verbose: bool,
}

/// What is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// A policy with warnings ends in exit code 1
    Warnings,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architectures = arguments.targets.architectures()?;
    let Some(profile) = input::profile(arguments.profile.as_deref(), output)? else {
        return Ok(Outcome::Problems);
    };
    let mut worst = Outcome::Success;
    for path in &arguments.policies {
        let outcome = match input::read(path) {
            Ok(policy) => check(&policy, &architectures, &profile, arguments, output)?,
            Err(failure) => output.failure(&failure),
        };
        worst = worst.max(outcome);
    }
    Ok(worst)
}

fn check(
    policy: &SourceFile,
    architectures: &[&'static Architecture],
    profile: &Profile,
    arguments: &Arguments,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let mut check =
        if arguments.targets.all_architectures { Check::skipping_excluded() } else { Check::new() };
    let mut times = Vec::new();
    for architecture in architectures {
        let start = Instant::now();
        let compiler = arguments.development.apply(input::compiler(architecture));
        check.add(architecture, compiler.profile(profile).compile(policy));
        times.push(start.elapsed());
    }
    report::problems(policy.name(), check.findings(), output);
    arguments.development.warn(policy.name(), output);
    report::proofs(policy.name(), &check, arguments.verbose.then_some(&times), output)?;
    let is_denied = arguments.deny.is_some() && check.findings().count(Severity::Warning) != 0;
    if is_denied {
        output.finding(render::error("warnings are denied"));
    }
    Ok(if check.has_errors() || is_denied { Outcome::Problems } else { Outcome::Success })
}
