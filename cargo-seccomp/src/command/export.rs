//! `cargo seccomp export`: the filter of a policy as a file.

use std::path::{Path, PathBuf};

use clap::Args;
use seccomp_compiler::Compiled;
use seccomp_compiler::policy::{Flag, Flags};
use seccomp_tools::program::{self, Content, FORMATS, Format};
use seccomp_tools::refused_at_launch;

use crate::arguments::{Development, Target, format_parser};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{destination, input, render, report};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp export policies/tool.yaml --format asm
  cargo seccomp export policies/tool.yaml --arch arm64 --output tool.bpf
  bwrap --bind / / --seccomp 3 3<tool.bpf tool";

/// Exports the filter of a policy, for a program that installs it itself
///
/// Writes the filter in one of the formats of `--format`. The policy is checked and the filter is proved first; if there
/// are errors, nothing is written. The policy's `flags` are not part of a filter: whoever installs it sets them; you are
/// told if they are not the default, `tsync`. A program that installs a filter and then starts another one can only use it if it
/// allows the start; you are warned if it does not.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES))]
pub(crate) struct Arguments {
    /// The policy file; `-` is standard input
    #[arg(value_name = "POLICY")]
    policy: PathBuf,
    /// The format of the filter
    #[arg(
        long,
        default_value = FORMATS[0].name,
        value_parser = format_parser(FORMATS.iter().map(|format| (format.name, format.summary)), program::find),
    )]
    format: Format,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    development: Development,
    /// Decide first what the program calls most, by the counts in this file: a YAML mapping of system calls to counts.
    /// It changes the order of tests and the length of the filter, not its answers
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// The file to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let Some(profile) = input::profile(arguments.profile.as_deref(), output)? else {
        return Ok(Outcome::Problems);
    };
    let architecture = arguments.target.architecture()?;
    let (policy, check) = input::compile(&arguments.policy, architecture, &profile, &arguments.development)?;
    report::problems(policy.name(), check.findings(), output);
    arguments.development.warn(policy.name(), output);
    let Some(compiled) = check.into_compiled() else { return Ok(Outcome::Problems) };
    if !compiled.enabled {
        // Whoever exported it would install it all the same.
        let problem = format!("`{}` has `enabled: false`, so there is no filter to export", policy.name());
        output.finding(render::error(&problem));
        return Ok(Outcome::Problems);
    }
    refuse_to_overwrite(arguments, &compiled)?;
    let bytes = arguments.format.write(&compiled);
    destination::write(&arguments.output, arguments.format.content, &bytes, output)?;
    if arguments.format.content == Content::Binary {
        note_flags(policy.name(), &compiled, output);
        warn_of_launch(policy.name(), &compiled, output);
    }
    Ok(Outcome::Success)
}

/// Says which of the policy's own flags whoever installs the filter has to set.
fn note_flags(policy: &str, compiled: &Compiled, output: &mut Output<'_>) {
    if compiled.flags == Flags::default() {
        return;
    }
    let flags: Vec<&str> = compiled.flags.iter().map(Flag::kernel_name).collect();
    let wanted = if flags.is_empty() { "no flag".to_owned() } else { flags.join(" | ") };
    let note = format!(
        "a file of instructions has no `flags`: install the filter with {wanted}, as `{policy}` says, if the program that \
         installs it lets you"
    );
    output.finding(render::note(&note));
}

/// Says that no launcher can use a filter, if it refuses what starts the program.
fn warn_of_launch(policy: &str, compiled: &Compiled, output: &mut Output<'_>) {
    let refused = refused_at_launch(compiled);
    if refused.is_empty() {
        return;
    }
    let refused: Vec<String> = refused.iter().map(|name| format!("`{name}`")).collect();
    let refused = refused.join(", ");
    let problem = format!("no program can be started under this filter: `{policy}` refuses {refused}");
    let help = format!(
        "for a launcher such as bwrap, allow {refused} in a policy that includes this one; a program that installs the \
         filter itself need not"
    );
    output.finding(render::warning_with_help(&problem, &help));
}

/// An export must not replace a file that it was made from.
fn refuse_to_overwrite(arguments: &Arguments, compiled: &Compiled) -> Result<(), Failure> {
    let Ok(path) = arguments.output.canonicalize() else { return Ok(()) };
    let sources = compiled.sources.iter().map(|file| Path::new(file.name()));
    // Standard input may be a file, too.
    let mut read = sources.chain([Path::new("/dev/stdin")]).chain(arguments.profile.as_deref());
    match read.any(|read| read.canonicalize().is_ok_and(|read| read == path)) {
        true => Err(Failure::Overwrites { path: arguments.output.clone() }),
        false => Ok(()),
    }
}
