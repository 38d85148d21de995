//! `cargo seccomp violations`: the calls that filters refused or logged, and what they mean for a policy.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use seccomp_compiler::Profile;
use seccomp_observe::sink::{self, FORMATS, Format};
use seccomp_observe::{Extent, Reading, source};
use seccomp_tools::advice::Adviser;

use crate::arguments::{Development, Target, format_parser};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{advice, input, render, report, wording};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp violations --program server --policy policies/server.yaml
  sudo cargo seccomp violations --follow
  journalctl -k | cargo seccomp violations --source - --format ecs";

/// Shows the system calls that filters refused or logged, from the kernel's own records
///
/// Reads the SECCOMP records (audit type 1326) that the kernel writes when a filter refuses or logs a call, and prints
/// them in one of the formats of `--format`. Standard error says which source is read and how many records were
/// understood.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES), mut_arg("arch", |arch| arch.requires("policy")))]
pub(crate) struct Arguments {
    /// Where to read records: `audit` (live, from the kernel's multicast group), `kmsg` (the kernel log), `log`
    /// (auditd's), a file, or `-` for standard input; `auto` is the best of them that can be read
    #[arg(
        long,
        value_name = "SOURCE",
        default_value = "auto",
        value_parser = OsStringValueParser::new().map(source::Choice::from),
    )]
    source: source::Choice,
    /// Show violations as they happen, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// The format of the violations
    #[arg(
        long,
        default_value = FORMATS[0].name,
        value_parser = format_parser(FORMATS.iter().map(|format| (format.name, format.summary)), sink::find),
    )]
    format: Format,
    /// Show only this program: the path or name of the executable, or the name of a thread; repeatable
    #[arg(long, value_name = "PROGRAM")]
    program: Vec<String>,
    /// Show which lines of this policy may have decided, and offer a patch that allows the calls
    #[arg(long, value_name = "POLICY")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let extent = if arguments.follow { Extent::Live } else { Extent::Past };
    let sink = arguments.format.sink(extent);
    let adviser = match &arguments.policy {
        Some(_) if sink.groups().is_none() => return Err(Failure::AdviceNeedsTable),
        Some(policy) => {
            let (policy, check) = input::compile(
                policy,
                arguments.target.architecture()?,
                &Profile::default(),
                &Development::default(),
            )?;
            if check.has_errors() {
                report::problems(policy.name(), check.findings(), output);
            }
            let Some(compiled) = check.into_compiled() else { return Ok(Outcome::Problems) };
            Some(Adviser::new(policy, compiled))
        }
        None => None,
    };
    let source = source::open(&arguments.source, extent)?;
    if let Some(note) = source.note() {
        output.finding(render::warning(&wording::source_note(note)));
    }
    output.finding(render::note(&format!("reading {}", source.name())));
    let mut reading = Reading::new(source, sink).only_by(arguments.program.clone());
    reading.run(output.results())?;
    if let (Some(adviser), Some(groups)) = (&adviser, reading.groups()) {
        advice::advise(adviser, groups, output)?;
    }
    for loss in reading.tally().losses() {
        output.finding(render::warning(&wording::loss(&loss)));
    }
    if let Some(form) = reading.form() {
        output.finding(render::note(&wording::other_form(form)));
    }
    output.finding(render::note(&wording::totals(reading.tally())));
    Ok(Outcome::Success)
}
