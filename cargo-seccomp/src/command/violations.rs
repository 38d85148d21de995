//! `cargo seccomp violations`: the calls that filters refused or logged, and what they mean for a policy.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};
use seccomp_compiler::policy::ActionKind;
use seccomp_compiler::{Profile, visible};
use seccomp_observe::sink::{self, FORMATS, Format, Style};
use seccomp_observe::{Action, Extent, Filter, Reading, Time, source, why};
use seccomp_tools::advice::Adviser;

use crate::arguments::{Development, Target, format_parser};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{advice, input, render, report, wording};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp violations --program server --policy policies/server.yaml
  cargo seccomp violations /var/log/syslog /var/log/syslog.1.gz --since yesterday
  sudo cargo seccomp violations --follow
  journalctl -o export | cargo seccomp violations - --format ecs";

/// Shows the system calls that filters refused or logged, from the kernel's own records
///
/// Reads the SECCOMP records (audit type 1326) that the kernel writes when a filter refuses or logs a call, and prints
/// them in one of the formats of `--format`. Standard error says which source is read and how many records were
/// understood.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES))]
pub(crate) struct Arguments {
    /// Logs to read, one after the other, also if they are compressed; `-` is standard input
    #[arg(value_name = "FILE", conflicts_with = "source")]
    files: Vec<PathBuf>,
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
    #[command(flatten)]
    wanted: Wanted,
    /// Show which lines of this policy may have decided, and offer a patch that allows the calls
    #[arg(long, value_name = "POLICY")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    development: Development,
    /// List what keeps this machine from recording violations, or you from seeing them
    #[arg(long, conflicts_with_all = ["files", "source", "follow", "policy"])]
    why: bool,
    /// The architecture of the policy's filter, and of records that do not name one, as those of old kernels
    #[command(flatten)]
    target: Target,
}

/// Which violations to show.
#[derive(Debug, Args)]
struct Wanted {
    /// Show only this program: the path or name of the executable, or the name of a thread; repeatable
    #[arg(long, value_name = "PROGRAM")]
    program: Vec<String>,
    /// Show only this process; repeatable
    #[arg(long, value_name = "PID")]
    pid: Vec<u32>,
    /// Show only this user: a name or a number; repeatable
    #[arg(long, value_name = "USER")]
    user: Vec<String>,
    /// Show only this system call: a name or a number; repeatable
    #[arg(long, value_name = "CALL")]
    syscall: Vec<String>,
    /// Show only this action; repeatable
    #[arg(long, value_name = "ACTION", value_parser = action_parser())]
    action: Vec<Action>,
    /// Show only what happened at this time (UTC) or later: `2026-11-22`, `2026-11-22 10:00`, `today`, `2h`
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    since: Option<Time>,
    /// Show only what happened at this time or earlier
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    until: Option<Time>,
}

fn action_parser() -> impl TypedValueParser<Value = Action> {
    let names =
        ActionKind::ALL.iter().map(|kind| kind.name()).filter(|name| *name != ActionKind::Allow.name());
    PossibleValuesParser::new(names.chain(["kill"]))
        .try_map(|name| Action::find(&name).ok_or("there is no such action"))
}

fn time(words: &str) -> Result<Time, String> {
    Time::from_words(words, SystemTime::now()).ok_or_else(|| {
        "not a time: write `2026-11-22`, `2026-11-22 10:00`, `2026-11-22T10:00:00+01:00`, `yesterday` or `2h`".to_owned()
    })
}

impl Wanted {
    fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        filter.programs.clone_from(&self.program);
        filter.pids.clone_from(&self.pid);
        filter.users.clone_from(&self.user);
        filter.syscalls.clone_from(&self.syscall);
        filter.actions.clone_from(&self.action);
        (filter.since, filter.until) = (self.since, self.until);
        filter
    }
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    if arguments.why {
        return say_why(output);
    }
    if arguments.policy.is_none() && arguments.development.is_set() {
        return Err(Failure::RefusalsOfNoPolicy);
    }
    let adviser = match &arguments.policy {
        Some(_) if !arguments.format.has_details => return Err(Failure::NoPlaceForAdvice),
        Some(policy) => match adviser(policy, arguments, output)? {
            Some(adviser) => Some(adviser),
            None => return Ok(Outcome::Problems),
        },
        None => None,
    };
    let mut reading = open(arguments, output)?;
    let has_groups = reading.groups().is_some();
    let adviser = match adviser {
        Some(adviser) if !has_groups => {
            reading = reading.annotated(advice::annotate(adviser));
            None
        }
        adviser => adviser,
    };
    let result = reading.run(output.results());
    if let (Some(adviser), Some(groups)) = (&adviser, reading.groups()) {
        advice::advise(adviser, groups, output)?;
    }
    sum_up(&reading, output);
    result?;
    Ok(Outcome::Success)
}

/// The policy that the violations are judged by, compiled; none if it has problems, which are then shown.
fn adviser(
    policy: &std::path::Path,
    arguments: &Arguments,
    output: &mut Output<'_>,
) -> Result<Option<Adviser>, Failure> {
    let architecture = arguments.target.architecture()?;
    let (policy, check) = input::compile(policy, architecture, &Profile::default(), &arguments.development)?;
    if check.has_errors() {
        report::problems(policy.name(), check.findings(), output);
    }
    Ok(check.into_compiled().map(|compiled| Adviser::new(policy, compiled)))
}

fn open(arguments: &Arguments, output: &mut Output<'_>) -> Result<Reading, Failure> {
    let extent = if arguments.follow { Extent::Live } else { Extent::Past };
    let choice = match arguments.files.is_empty() {
        true => arguments.source.clone(),
        false => source::Choice::Files(arguments.files.clone()),
    };
    let source = source::open(&choice, extent)?;
    if let Some(note) = source.note() {
        output.finding(render::warning(&wording::source_note(note)));
    }
    output.finding(render::note(&format!("reading {}", visible(source.name()))));
    let style = match (extent, output.is_terminal()) {
        (Extent::Past, _) => Style::Summary,
        (Extent::Live, true) => Style::Terminal,
        (Extent::Live, false) => Style::Log,
    };
    let reading = Reading::new(source, arguments.format.sink(style)).only(arguments.wanted.filter());
    Ok(reading.assuming(arguments.target.named()))
}

/// Says what was read, what was lost and, if there was nothing, why that may be.
fn sum_up(reading: &Reading, output: &mut Output<'_>) {
    let tally = reading.tally();
    for loss in tally.losses() {
        output.finding(render::warning(&wording::loss(&loss)));
    }
    if let Some(form) = reading.form() {
        output.finding(render::note(&wording::other_form(form)));
    }
    output.finding(render::note(&wording::totals(tally)));
    if tally.records() == 0 {
        let more = format!("{}; `cargo seccomp violations --why` looks for other reasons", wording::SILENT);
        output.finding(render::note(&more));
    }
}

/// Lists the reasons that are found on this machine, and the one that no machine can tell.
fn say_why(output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let reasons = why::reasons();
    for reason in &reasons {
        output.result(format_args!("- {}", wording::reason(reason)))?;
    }
    if reasons.is_empty() {
        output.result("- no setting was found on this machine that suppresses records")?;
    }
    output.result(format_args!("- {}", wording::SILENT))?;
    Ok(Outcome::Success)
}
