//! `cargo seccomp run`: any command under a policy, and which of its calls that refuses.

mod refusals;

use std::path::{Path, PathBuf};

use clap::Args;
use seccomp_compiler::{Architecture, Call, SourceFile, Verdict, visible};
use seccomp_observe::tracer::{Answer, Executed, Observer, TracedCall, Watch};
use seccomp_tools::Check;
use seccomp_tools::advice::{Adviser, Decision, Patch, RecordedCall};
use seccomp_tools::program::{self, Content};
use seccomp_tools::recording::{self, Caller, Options, Recording};

use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::tracing::{self, SetIds, shown};
use crate::{destination, input, render, report};

use self::refusals::{Counted, Kind, News, Refusals};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp run policies/tool.yaml -- ./tool --help
  cargo seccomp run policies/tool.yaml --log -- ./tool input.txt
  cargo seccomp run policies/tool.yaml --log --fix -- ./tool input.txt
  cargo seccomp run tool.bpf -- sh -c './tool input.txt | sort'";

const CODES: &str = ", so 159 for SIGSYS
  1  the policy has problems
  2  wrong usage, or the command cannot be started or traced";

/// What is said where the command could not do all that it was asked to.
const LEARN: &str = "after a refusal, a program may never come to its other calls; `--log` lets refused calls through and \
                     finds all of them in one run, and `--log --fix` adds them to the policy";

/// Runs a command under a policy and reports each call that it refuses
///
/// The command, whatever language it is written in, and all that it starts run under the filter of the policy. A call
/// that it refuses is reported with its arguments and the line of the policy, and gets the answer that the policy gives,
/// be it an error, a signal or death. At the end, a patch allows what was refused.
///
/// To learn what a policy lacks, run the command with `--log`: it is refused nothing, and one run shows all that is missing.
/// With `--log --fix` the policy allows it afterwards.
///
/// Calls are traced with ptrace, so this needs no root. The `execve` that starts the command is let through once and need
/// not be in the policy.
#[derive(Debug, Args)]
#[command(after_help = super::after_help_traced(EXAMPLES, CODES))]
pub(crate) struct Arguments {
    /// The policy file, or a filter that was exported, `FILE.bpf`
    #[arg(value_name = "POLICY")]
    policy: PathBuf,
    /// Learn: let refused calls through, and only report them, so that one run shows all of them. What is answered with
    /// ENOSYS so that libraries fall back to another call is still answered so
    #[arg(long)]
    log: bool,
    /// Apply the patch to the policy; without `--fix`, it is only shown
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    command: tracing::Command,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architecture = Architecture::host().ok_or(Failure::NoHost)?;
    if arguments.fix {
        destination::check(&arguments.policy)?;
    }
    let Some(subject) = Subject::read(&arguments.policy, architecture, output)? else {
        return Ok(Outcome::Problems);
    };
    if arguments.fix && subject.adviser.is_none() {
        return Err(Failure::NothingToFix { path: arguments.policy.clone() });
    }
    let tracer = arguments.command.tracer(subject.watch.clone());
    let mut watcher = Watcher::new(&subject, architecture, arguments.log, &arguments.command, output);
    let ending = tracer.run(&mut watcher)?;
    let Watcher { refusals, refused, .. } = watcher;
    refusals.sum_up(arguments.log, output);
    if let Some(adviser) = subject.adviser.as_ref().filter(|_| refusals.count() != 0) {
        offer(adviser, (&refusals, &refused), arguments, output)?;
        if !arguments.log {
            output.finding(render::note(LEARN));
        }
    }
    Ok(tracing::outcome(ending, &arguments.command, output))
}

/// What the command runs under.
pub(crate) struct Subject {
    pub(crate) watch: Watch,
    /// What knows the lines of the policy; none for a filter alone.
    pub(crate) adviser: Option<Adviser>,
}

impl Subject {
    /// Reads and compiles it; none if it has problems, which are then shown.
    pub(crate) fn read(
        path: &Path,
        architecture: &'static Architecture,
        output: &mut Output<'_>,
    ) -> Result<Option<Self>, Failure> {
        if path.extension().is_some_and(|extension| extension == "bpf") {
            return Self::of_filter(path, architecture).map(Some);
        }
        Self::of(input::read(path)?, architecture, output)
    }

    fn of_filter(path: &Path, native: &'static Architecture) -> Result<Self, Failure> {
        let bytes = input::read_bytes(path)?;
        let filter = program::read(&bytes, native)
            .map_err(|error| Failure::NotAProgram { path: path.to_owned(), error })?;
        let other = program::other_architecture(&bytes, native);
        // The filter may be for 32-bit programs alone, which this kernel runs as well.
        if let Some(meant) = other.filter(|other| !native.compat().any(|compat| compat == *other)) {
            return Err(Failure::OtherArchitecture { path: path.to_owned(), meant, native });
        }
        let watch = Watch::refusals(&filter)
            .map_err(|error| Failure::Unwatchable { path: path.to_owned(), error })?;
        Ok(Self { watch, adviser: None })
    }

    /// Compiles it; none if it has problems, which are then shown.
    pub(crate) fn of(
        policy: SourceFile,
        architecture: &'static Architecture,
        output: &mut Output<'_>,
    ) -> Result<Option<Self>, Failure> {
        let mut check = Check::new();
        check.add(architecture, input::compiler(architecture).compile(&policy));
        if check.has_errors() {
            report::problems(policy.name(), check.findings(), output);
        }
        let Some(compiled) = check.into_compiled() else { return Ok(None) };
        if !compiled.enabled {
            let note = format!("`{}` says `enabled: false`, so nothing is refused", visible(policy.name()));
            output.finding(render::warning(&note));
        }
        let watch = Watch::refusals(compiled.program())
            .map_err(|error| Failure::Unwatchable { path: policy.name().into(), error })?;
        Ok(Some(Self { watch, adviser: Some(Adviser::new(policy, compiled)) }))
    }
}

/// Reports refused calls as they are made.
pub(crate) struct Watcher<'a, 'o> {
    subject: &'a Subject,
    architecture: &'static Architecture,
    lets_through: bool,
    command: &'a tracing::Command,
    pub(crate) refusals: Refusals,
    /// The refused calls with their arguments, for the patch.
    refused: Recording,
    /// Whether the command installed a filter, from which on its calls count.
    pub(crate) has_own_filter: bool,
    set_ids: SetIds,
    output: &'a mut Output<'o>,
}

impl<'a, 'o> Watcher<'a, 'o> {
    pub(crate) fn new(
        subject: &'a Subject,
        architecture: &'static Architecture,
        lets_through: bool,
        command: &'a tracing::Command,
        output: &'a mut Output<'o>,
    ) -> Self {
        let (refusals, set_ids) = (Refusals::default(), SetIds::default());
        Self {
            subject,
            architecture,
            lets_through,
            command,
            refusals,
            refused: Recording::new(command.described(architecture)),
            has_own_filter: false,
            set_ids,
            output,
        }
    }
}

impl Watcher<'_, '_> {
    /// Reports a refusal that is new.
    fn tell(&mut self, news: News, traced: &TracedCall<'_>, kind: &Kind, decision: &str) {
        let finding = match news {
            News::Known => return,
            News::Further => {
                let refusals = format!("further refusals of `{}` in {}", kind.name(), shown(traced.program));
                render::note(&format!("{refusals} are only counted"))
            }
            News::First => {
                let what = if self.lets_through { "would refuse" } else { "refuses" };
                let call = traced.call.made(self.architecture);
                let answer = kind.verdict.display(self.architecture);
                let comma = if decision.is_empty() { "" } else { ", " };
                render::warning(&format!(
                    "the policy {what} `{}` with {answer}{comma}{decision} ({}, thread {})",
                    visible(&call),
                    shown(traced.program),
                    traced.thread
                ))
            }
        };
        self.output.finding(finding);
    }
}

impl Observer for Watcher<'_, '_> {
    fn called(&mut self, traced: &TracedCall<'_>) -> Answer {
        let Some(verdict) = self.subject.watch.verdict(traced.data) else { return Answer::Make };
        if self.lets_through && self.command.begins_with(traced) {
            if self.refusals.count() != 0 {
                self.output.finding(render::note(
                    "the command installs its own filter here: what it called before does not count",
                ));
            }
            self.refusals = Refusals::default();
            self.refused = Recording::new(self.command.described(self.architecture));
            self.has_own_filter = true;
            return Answer::Make;
        }
        let decision = self.subject.adviser.as_ref().map(|adviser| adviser.decision(&traced.call));
        let falls_back = falls_back(&traced.call, verdict, decision.as_ref(), self.architecture);
        let kind = Kind {
            program: traced.program.to_owned(),
            arch: traced.call.arch,
            number: traced.call.number,
            verdict,
            falls_back,
        };
        let decision = decision.map(|decision| decision.to_string()).unwrap_or_default();
        if !falls_back {
            let program = self.refused.program(&traced.program.to_string_lossy());
            let thread = self.refused.thread("");
            self.refused.add(Caller { program, thread }, &traced.call);
        }
        let news = self.refusals.add(&kind, &decision);
        if !falls_back {
            self.tell(news, traced, &kind, &decision);
        }
        if self.lets_through && !falls_back { Answer::Make } else { Answer::Refuse }
    }

    fn executed(&mut self, executed: &Executed<'_>) {
        self.set_ids.note(executed, self.output);
    }
}

/// Whether an ENOSYS is meant to make a library fall back to another call: the policy says so, or, where only the filter is
/// known, the call is `clone3` or newer than the tables.
fn falls_back(
    call: &Call,
    verdict: Verdict,
    decision: Option<&Decision>,
    architecture: &Architecture,
) -> bool {
    if let Some(decision) = decision {
        return decision.falls_back;
    }
    let is_meant = |abi: &Architecture| {
        call.number >= abi.table_end() || abi.syscall_name(call.number) == Some("clone3")
    };
    verdict.is_no_such_call(architecture)
        && Architecture::of_call(call.arch, call.number).is_some_and(is_meant)
}

impl Subject {
    /// Whether the policy answers a call so that its library falls back to another.
    pub(crate) fn falls_back(&self, traced: &TracedCall<'_>, architecture: &Architecture) -> bool {
        let decision = self.adviser.as_ref().map(|adviser| adviser.decision(&traced.call));
        let verdict = self.watch.verdict(traced.data);
        verdict.is_some_and(|verdict| falls_back(&traced.call, verdict, decision.as_ref(), architecture))
    }
}

/// Offers a patch that allows what was refused, or applies it: what `record --append` adds, where it is enough to add to the
/// policy, and else the names alone.
fn offer(
    adviser: &Adviser,
    (refusals, refused): (&Refusals, &Recording),
    arguments: &Arguments,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let compiler = input::compiler(adviser.architecture());
    if let Ok(appended) = recording::append(adviser.file(), refused, &Options::default(), compiler)
        && appended.refused.is_empty()
    {
        let patch = appended.patch(adviser.file());
        return offer_patch((&patch, &appended.file), "", arguments, output);
    }
    let mut calls: Vec<(RecordedCall, String)> = Vec::new();
    for Counted { kind, .. } in refusals.of(false) {
        let call = kind.recorded();
        if !calls.iter().any(|(known, _)| (known.arch, known.number) == (call.arch, call.number)) {
            calls.push((call, kind.name()));
        }
    }
    let patch: Patch = adviser.allow(calls.iter().map(|(call, _)| *call), compiler);
    offer_patch((&patch.text, &patch.file), " with any arguments", arguments, output)?;
    for (call, obstacle) in patch.refused {
        let name = calls.iter().find(|(known, _)| *known == call).map_or("", |(_, name)| name);
        output.finding(render::note(&format!("no patch is offered for `{name}`: {obstacle}")));
    }
    Ok(())
}

fn offer_patch(
    (patch, patched): (&str, &SourceFile),
    limits: &str,
    arguments: &Arguments,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if patch.is_empty() {
        return Ok(());
    }
    if arguments.fix {
        destination::write(&arguments.policy, Content::Text, patched.bytes(), output)?;
        output
            .finding(render::note(&format!("`{}` allows these calls now{limits}:", visible(patched.name()))));
    } else {
        output.finding(format!(
            "\nTo allow these calls{limits}, if the program is meant to make them (`--fix` does it):\n"
        ));
    }
    output.finding(patch.trim_end());
    Ok(())
}
