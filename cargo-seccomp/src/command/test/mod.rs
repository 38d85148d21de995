//! `cargo seccomp test`: which lines of a policy the tests use, and what it refuses them.

mod calls;
mod threads;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use seccomp_compiler::{Compiled, Profile, SourceFile, visible};
use seccomp_tools::coverage::{Coverage, Report};
use seccomp_tools::program::Content;

use self::calls::Counter;
use crate::arguments::{Development, Target};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{destination, discover, input, render, report};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp test
  cargo seccomp test --policy policies/server.yaml --deny unused -- --release
  cargo seccomp test --format lcov --output seccomp.lcov
  cargo seccomp test --policy policies/server.yaml --evidence server.json --trim";

/// Shows which lines of a policy the tests use, how often, and which calls it refuses
///
/// Builds the tests of the package, runs them with every system call traced, and counts the calls of all programs in the
/// target directory for each line of the policy: if one of them installs a filter, as with `#[policy]`, those that are made
/// under such filters, and otherwise all. The command itself puts no program under the policy. With `--evidence`, the calls
/// are those of a recording.
///
/// Calls count for the test that makes them, by its threads and by the programs that it starts. A thread only has the first
/// 15 bytes of the name of its test, so tests that have them in common are counted together, as `name…`. Some versions of
/// libtest run the tests in the main thread if there is one test thread (`-- -- --test-threads=1`): their calls count for the
/// program.
///
/// Without a policy, takes those that `#[policy]` and `include_policy!` name in the sources of the package, as `check`
/// does.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES))]
pub(crate) struct Arguments {
    /// The policy; repeatable
    #[arg(long = "policy", value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// Take the calls from this evidence and run nothing; repeatable
    #[arg(long, value_name = "EVIDENCE", conflicts_with = "arguments")]
    evidence: Vec<PathBuf>,
    /// The form of the result
    #[arg(long, value_enum, default_value_t, requires_ifs([("json", "output"), ("lcov", "output")]))]
    format: Format,
    /// The file to write, `-` for standard output; `json` and `lcov` need one, as the tests write to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Also list for each line of the policy the tests that made its calls, and how many each
    #[arg(long, short)]
    verbose: bool,
    /// Fail if the policy allows what no test called
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Also show the patch that removes what no test called
    #[arg(long)]
    trim: bool,
    #[command(flatten)]
    target: Target,
    /// Arguments for `cargo test`
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people: the text of the policy with counts in the margin
    #[default]
    Text,
    /// For other tools: a JSON object for each policy
    Json,
    /// For editors and code-review sites: a tracefile of lcov
    Lcov,
}

/// What is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Lines that allow what no test called
    Unused,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let Some(policies) = policies(arguments, output)? else { return Ok(Outcome::Problems) };
    let (coverages, tests) = if arguments.evidence.is_empty() {
        let mut counter = Counter::new(&policies)?;
        let tests = calls::of_tests(&arguments.arguments, &mut counter, output)?;
        (counter.coverages, tests)
    } else {
        let recording = input::evidence(&arguments.evidence)?;
        let mut coverages = calls::coverages(&policies);
        coverages.iter_mut().for_each(|coverage| coverage.add_recording(&recording));
        (coverages, Outcome::Success)
    };
    let reports: Vec<Report<'_>> = coverages.iter().map(Coverage::report).collect();
    let text: String = reports.iter().map(|report| arguments.formatted(report)).collect();
    let path = arguments.output.clone().unwrap_or_else(|| "-".into());
    destination::write(&path, Content::Text, text.as_bytes(), output)?;
    let mut worst = tests;
    for ((file, _), report) in policies.iter().zip(&reports) {
        worst = worst.max(conclude(file, report, arguments, output)?);
    }
    Ok(worst)
}

/// The policies with their filters; `None` if one has problems, which are shown.
fn policies(
    arguments: &Arguments,
    output: &mut Output<'_>,
) -> Result<Option<Vec<(SourceFile, Compiled)>>, Failure> {
    let architecture = arguments.target.architecture()?;
    let paths = match arguments.policies.is_empty() {
        true => {
            let discovered = discover::policies()?;
            output.finding(render::note(&format!("testing {}", discovered.origin)));
            discovered.policies.into_iter().map(|policy| policy.path).collect()
        }
        false => arguments.policies.clone(),
    };
    let mut policies = Some(Vec::new());
    for path in paths {
        let (file, check) =
            input::compile(&path, architecture, &Profile::default(), &Development::default())?;
        report::problems(file.name(), check.findings(), output);
        policies = policies.zip(check.into_compiled()).map(|(mut policies, compiled)| {
            policies.push((file, compiled));
            policies
        });
    }
    Ok(policies)
}

impl Arguments {
    fn formatted(&self, report: &Report<'_>) -> String {
        match self.format {
            Format::Text => report.to_text(self.verbose),
            Format::Json => report.to_json(),
            Format::Lcov => report.to_lcov(),
        }
    }
}

/// Says what no test used, and offers the patch.
fn conclude(
    file: &SourceFile,
    report: &Report<'_>,
    arguments: &Arguments,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let unused = report.unused().count();
    let name = visible(file.name());
    if arguments.trim && unused > 0 {
        let trimmed = report.trim(file);
        let patch = trimmed.patch(file);
        if patch.is_empty() {
            output.finding(render::note(&format!(
                "no line of `{name}` can be removed without changing others"
            )));
        } else {
            output.confirm(format_args!("\nto remove what no test called:\n\n{}", patch.trim_end()))?;
        }
        for (line, reason) in &trimmed.kept {
            let note = format!("line {} of `{name}`, `{}`, stays: {reason}", line.line, visible(&line.name));
            output.finding(render::note(&note));
        }
    }
    if arguments.deny == Some(Deny::Unused) && unused > 0 {
        let entries = if unused == 1 { "1 entry" } else { &format!("{unused} entries") };
        let allow = if unused == 1 { "allows" } else { "allow" };
        output.finding(render::error(&format!("{entries} of `{name}` {allow} what no test called")));
        return Ok(Outcome::Problems);
    }
    Ok(Outcome::Success)
}
