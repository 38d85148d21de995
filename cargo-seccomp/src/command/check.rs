//! `cargo seccomp check`: what is wrong with policies, and on which architectures they are proved.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use seccomp_compiler::{Architecture, Profile, Severity, SourceFile};
use seccomp_tools::{Check, Sarif};

use crate::arguments::{Development, Targets};
use crate::discover::{self, Policy};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::report::Detail;
use crate::{input, render, report};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp check
  cargo seccomp check policies/*.yaml --arch x86_64 --arch aarch64-unknown-linux-musl
  cargo seccomp check policies/server.yaml --all-architectures --verbose
  cargo seccomp check --format sarif > problems.sarif";

/// Checks policies: finds every mistake, compiles the filter and proves it
///
/// Reports all mistakes of each policy at once, with their lines. A policy without mistakes is compiled to a filter,
/// which is proved to answer every possible call as the policy says.
///
/// Without a policy, checks those that `#[policy]` and `include_policy!` name in the sources of the package, or of all
/// packages at the root of a workspace without one of its own; if they name none, those in the folder `policies`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} With several policies the highest code wins.", super::after_help(EXAMPLES)))]
pub(crate) struct Arguments {
    /// The policy files; `-` is standard input
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    targets: Targets,
    /// Decide first what the program calls most, by the counts in this file: a YAML mapping of system calls to counts.
    /// It changes the order of tests and the length of the filter, not its answers
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    #[command(flatten)]
    development: Development,
    /// Treat warnings as errors, as those of a policy are whose attribute has `deny_warnings`
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// The form of the problems
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Show only problems
    #[arg(long, short)]
    quiet: bool,
    /// Also show the size of the proof (nodes of decision diagrams), how many system calls the kernel allows from its
    /// cache without running the filter, how long everything took, and what each effect came to; with several policies,
    /// also each architecture
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,
}

/// What is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// A policy with warnings ends in exit code 1
    Warnings,
}

/// The form of the problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people, as rustc draws them, on standard error; where policies were proved goes to standard output
    #[default]
    Human,
    /// For editors and other tools, on standard output: an object a line, in the form of rustc's own JSON
    Json,
    /// For code scanning services, on standard output: a SARIF 2.1.0 log
    Sarif,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architectures = arguments.targets.architectures()?;
    let Some(profile) = input::profile(arguments.profile.as_deref(), output)? else {
        return Ok(Outcome::Problems);
    };
    let policies = policies(arguments, output)?;
    let detail = Detail::of(arguments.verbose, policies.len(), architectures.len());
    let mut sarif = Sarif::default();
    let mut worst = Outcome::Success;
    for Policy { path, denies_warnings } in &policies {
        let is_denied = arguments.deny.is_some() || *denies_warnings;
        let outcome = match input::read(path) {
            Ok(policy) => {
                let (check, times) = check(&policy, &architectures, &profile, arguments);
                let name = policy.name();
                match arguments.format {
                    Format::Human => {
                        human(name, &check, (!arguments.quiet).then_some(detail), &times, output)?
                    }
                    Format::Json => output.bytes(check.findings().to_json(name).as_bytes())?,
                    Format::Sarif => sarif.add(name, check.findings()),
                }
                arguments.development.warn(name, output);
                conclude(&check, is_denied, output)
            }
            Err(failure) => {
                sarif.add_failure(&failure.to_string());
                output.failure(&failure)
            }
        };
        worst = worst.max(outcome);
    }
    if arguments.format == Format::Sarif {
        let log = sarif.finish("cargo-seccomp", env!("CARGO_PKG_VERSION"), worst.exit_code());
        output.bytes(log.as_bytes())?;
    }
    Ok(worst)
}

/// Shows the problems of a policy and, unless only these are wanted, where it was proved.
fn human(
    policy: &str,
    check: &Check,
    detail: Option<Detail>,
    times: &[Duration],
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    report::problems(policy, check.findings(), output);
    match detail {
        Some(detail) => report::proofs(policy, check, detail, times, output),
        None => Ok(()),
    }
}

/// The policies that are named or, if none is, those of the package; says then which they are.
fn policies(arguments: &Arguments, output: &mut Output<'_>) -> Result<Vec<Policy>, Failure> {
    if !arguments.policies.is_empty() {
        return Ok(arguments.policies.iter().cloned().map(Policy::alone).collect());
    }
    let discovered = discover::policies()?;
    if !arguments.quiet {
        output.finding(render::note(&format!("checking {}", discovered.origin)));
    }
    Ok(discovered.policies)
}

/// Compiles a policy for each architecture. An architecture that was not asked for by name is skipped if the policy is
/// not meant for it.
fn check(
    policy: &SourceFile,
    architectures: &[&'static Architecture],
    profile: &Profile,
    arguments: &Arguments,
) -> (Check, Vec<Duration>) {
    let mut check = if arguments.targets.are_named() { Check::new() } else { Check::skipping_excluded() };
    let mut times = Vec::new();
    for architecture in architectures {
        let start = Instant::now();
        let compiler = arguments.development.apply(input::compiler(architecture));
        check.add(architecture, compiler.profile(profile).compile(policy));
        times.push(start.elapsed());
    }
    (check, times)
}

fn conclude(check: &Check, denies_warnings: bool, output: &mut Output<'_>) -> Outcome {
    let is_denied = denies_warnings && check.findings().count(Severity::Warning) != 0;
    if is_denied {
        output.finding(render::error("warnings are denied"));
    }
    if check.has_errors() || is_denied { Outcome::Problems } else { Outcome::Success }
}
