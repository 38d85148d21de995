//! `cargo seccomp scan`: which system calls the machine code of a program can make.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use seccomp_compiler::{Architecture, SourceFile, visible};
use seccomp_tools::Check;
use seccomp_tools::recording::Recording;
use seccomp_tools::scan::{Judgement, ReachedCall, Scan, Scanner, Use};

use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::wording::count;
use crate::{input, render, report};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp scan target/release/server
  cargo seccomp scan --policy policies/server.yaml target/release/server
  cargo seccomp scan --diff server-1.0 server-1.1";

/// Lists the system calls that a program can make, by its machine code
///
/// Follows the calls between the functions of a program and its libraries, without running it. Each system call is shown
/// with one way to it and the crate that it is made for. System calls that cannot be told apart are listed by their
/// address. Programs for x86_64 and aarch64 can be scanned.
#[derive(Debug, Args)]
#[command(after_help = super::after_help(EXAMPLES))]
pub(crate) struct Arguments {
    /// The programs
    #[arg(value_name = "BINARY", required = true)]
    programs: Vec<PathBuf>,
    /// How to show what is found
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Show only what this policy refuses; the exit code is 1 if there is something
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Show what this recording of the program has seen, and what it has not; repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    evidence: Vec<PathBuf>,
    /// Show only what the second program can do and the first one cannot; the exit code is 1 if there is something
    #[arg(long, conflicts_with_all = ["policy", "evidence"])]
    diff: bool,
    /// Look for libraries below this folder, as for a program of another system
    #[arg(long, value_name = "FOLDER")]
    sysroot: Option<PathBuf>,
    /// A library that the program loads while it runs; repeatable
    #[arg(long, value_name = "FILE")]
    also: Vec<PathBuf>,
    /// Show the whole way to each call
    #[arg(long)]
    paths: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each call
    Table,
    /// A JSON object for each program
    Json,
}

/// What scans are compared with, read once for all programs.
enum Standard {
    Nothing,
    Policy(SourceFile),
    Recording(Box<Recording>),
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let mut scanner = Scanner::new(&input::load_program);
    if let Some(folder) = &arguments.sysroot {
        if !folder.is_dir() {
            return Err(Failure::NoSysroot { path: folder.clone() });
        }
        scanner = scanner.sysroot(text(folder)?);
    }
    for library in &arguments.also {
        scanner = scanner.also(text(library)?);
    }
    if arguments.diff {
        return compare(arguments, &scanner, output);
    }
    let standard = match (&arguments.policy, arguments.evidence.as_slice()) {
        (Some(policy), _) => Standard::Policy(input::read(policy)?),
        (None, []) => Standard::Nothing,
        (None, evidence) => Standard::Recording(Box::new(input::evidence(evidence)?)),
    };
    let mut worst = Outcome::Success;
    let mut judged = Vec::new();
    for program in &arguments.programs {
        let scan = scanner.scan(text(program)?)?;
        let outcome = match &standard {
            Standard::Policy(policy) => judge(arguments, policy, &scan, &mut judged, output)?,
            Standard::Nothing => show(arguments, &scan, output)?,
            Standard::Recording(recording) => review(arguments, recording, &scan, output)?,
        };
        incomplete(&scan, output);
        worst = worst.max(outcome);
    }
    Ok(worst)
}

fn text(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or_else(|| Failure::NotText { path: path.to_owned() })
}

fn show(arguments: &Arguments, scan: &Scan, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    if arguments.format == Format::Json {
        output.result(scan.to_json())?;
        return Ok(Outcome::Success);
    }
    let calls = count(scan.calls.len(), "system call");
    let libraries = match scan.libraries.as_slice() {
        [] => String::new(),
        libraries => format!(", with {}", libraries.join(", ")),
    };
    let heading = format!("{}: {calls} on {}{libraries}", scan.program, scan.architecture);
    output.result(visible(&heading))?;
    let width = scan.calls.iter().map(|call| call.name().len()).max().unwrap_or_default();
    for call in &scan.calls {
        output.result(format_args!("  {:<width$}  {}", call.name(), shown(arguments, &call.uses)))?;
    }
    unresolved(arguments, scan, output)?;
    Ok(Outcome::Success)
}

/// Who makes a call, and one way to it.
fn shown(arguments: &Arguments, uses: &[Use]) -> String {
    let owners = owners(uses);
    let first = uses.first().map(|place| way(arguments, &place.path)).unwrap_or_default();
    visible(&format!("{}: {first}", owners.join(", "))).into_owned()
}

fn owners(uses: &[Use]) -> Vec<&str> {
    let mut owners: Vec<&str> = Vec::new();
    for place in uses {
        if !owners.contains(&place.by.as_str()) {
            owners.push(&place.by);
        }
    }
    owners
}

/// How many functions of a way are shown.
const SHOWN: usize = 4;

/// The longest name of a function that is shown whole.
const LONGEST: usize = 60;

/// A way to a call: where it begins and ends, and without functions that have no name.
fn way(arguments: &Arguments, path: &[String]) -> String {
    if arguments.paths {
        return path.join(" → ");
    }
    let Some((last, before)) = path.split_last() else { return String::new() };
    let mut named: Vec<&String> = before.iter().filter(|name| !name.contains("+0x")).collect();
    named.push(last);
    let short: Vec<String> = named.into_iter().map(|name| shortened(name)).collect();
    match short.len() {
        0..=SHOWN => short.join(" → "),
        length => format!("{} → … → {}", short[0], short[length - SHOWN + 1..].join(" → ")),
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// The places whose calls are not known.
fn unresolved(arguments: &Arguments, scan: &Scan, output: &mut Output<'_>) -> Result<(), Failure> {
    if scan.unresolved.is_empty() && scan.lookups.is_empty() {
        return Ok(());
    }
    output.result("not known:")?;
    for site in &scan.unresolved {
        let way = way(arguments, &site.path);
        let line = format!("  system call at {:#x} of {}: {}: {way}", site.address, site.object, site.reason);
        output.result(visible(&line))?;
    }
    for lookup in &scan.lookups {
        output.result(visible(&format!("  what `{}` of {} finds", lookup.call, lookup.function)))?;
    }
    Ok(())
}

/// What keeps the list from being complete.
fn incomplete(scan: &Scan, output: &mut Output<'_>) {
    if !scan.missing.is_empty() {
        let (were, their) = if scan.missing.len() == 1 { ("was", "its") } else { ("were", "their") };
        let missing = scan.missing.join("`, `");
        let problem = format!(
            "`{}` needs `{missing}`, which {were} not found: {their} system calls are not counted",
            scan.program
        );
        let help = "name the folder that is the root of the program's system with `--sysroot`";
        output.finding(render::warning_with_help(&problem, help));
    }
}

/// `judged` are the architectures for which the problems of the policy are shown already.
fn judge(
    arguments: &Arguments,
    policy: &SourceFile,
    scan: &Scan,
    judged: &mut Vec<&'static Architecture>,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let mut check = Check::new();
    check.add(scan.architecture, input::compiler(scan.architecture).compile(policy));
    if !judged.contains(&scan.architecture) {
        report::problems(policy.name(), check.findings(), output);
        judged.push(scan.architecture);
    }
    let Some(compiled) = check.into_compiled() else { return Ok(Outcome::Problems) };
    let refused = scan.refused(&compiled);
    if arguments.format == Format::Json {
        let calls = refused.iter().map(Judgement::to_json).collect::<Vec<_>>();
        let mut whole = scan.to_json();
        whole["refused"] = calls.into();
        output.result(whole)?;
    } else {
        let (calls, name) = (count(refused.len(), "system call"), policy.name());
        let heading = format!("{}: {calls} of {} refused by {name}", scan.program, scan.calls.len());
        output.result(visible(&heading))?;
        let width = refused.iter().map(|it| it.call.name().len()).max().unwrap_or_default();
        for Judgement { call, place, verdict, is_always, .. } in &refused {
            let often = if *is_always { "always" } else { "sometimes" };
            let verdict = verdict.display(scan.architecture);
            let place = shown(arguments, core::slice::from_ref(place));
            output.result(format_args!("  {:<width$}  {often} {verdict}; {place}", call.name()))?;
        }
        unresolved(arguments, scan, output)?;
    }
    Ok(if refused.is_empty() { Outcome::Success } else { Outcome::Problems })
}

fn review(
    arguments: &Arguments,
    recording: &Recording,
    scan: &Scan,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let Some(review) = scan.review(recording) else {
        let name = scan.program.rsplit('/').next().unwrap_or_default().to_owned();
        return Err(Failure::NotRecorded { program: name });
    };
    if arguments.format == Format::Json {
        let mut whole = scan.to_json();
        whole["review"] = review.to_json();
        output.result(whole)?;
        return Ok(Outcome::Success);
    }
    let names = |calls: &[&ReachedCall]| calls.iter().map(|call| call.name()).collect::<Vec<_>>().join(", ");
    let calls = count(scan.calls.len(), "system call");
    let heading = format!("{}: {} of {calls} seen: {}", scan.program, review.seen.len(), names(&review.seen));
    output.result(visible(&heading))?;
    output.result("never seen:")?;
    for (by, calls) in &review.unseen {
        output.result(visible(&format!("  {by}: {}", names(calls))))?;
    }
    if !review.not_found.is_empty() {
        let names: Vec<&str> = review.not_found.iter().map(AsRef::as_ref).collect();
        output.result(format_args!("seen, but not found in the code: {}", names.join(", ")))?;
    }
    unresolved(arguments, scan, output)?;
    Ok(Outcome::Success)
}

fn compare(
    arguments: &Arguments,
    scanner: &Scanner<'_>,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let [old, new] = arguments.programs.as_slice() else { return Err(Failure::NotTwo) };
    let [old, new] = [scanner.scan(text(old)?)?, scanner.scan(text(new)?)?];
    let growth = new.growth_since(&old);
    if arguments.format == Format::Json {
        let mut whole = new.to_json();
        whole["new"] = growth.iter().map(|it| it.call.name()).collect::<Vec<_>>().into();
        output.result(whole)?;
    } else {
        for it in &growth {
            let first = it.call.uses.first().map(|place| way(arguments, &place.path)).unwrap_or_default();
            let line = format!("now reaches `{}`, through {}: {first}", it.call.name(), it.by.join(", "));
            output.result(visible(&line))?;
        }
        let lost = old.growth_since(&new);
        let lost: Vec<String> = lost.iter().map(|it| format!("`{}`", it.call.name())).collect();
        if !lost.is_empty() {
            output.result(format_args!("no longer reaches {}", lost.join(", ")))?;
        }
        if growth.is_empty() {
            let line = format!("{} reaches no system call that {} does not", new.program, old.program);
            output.result(visible(&line))?;
        }
    }
    incomplete(&old, output);
    incomplete(&new, output);
    Ok(if growth.is_empty() { Outcome::Success } else { Outcome::Problems })
}
