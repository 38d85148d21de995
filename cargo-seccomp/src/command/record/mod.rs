//! `cargo seccomp record`: what a command calls, as a policy that allows it.

mod per_program;
mod recorder;
mod verification;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use seccomp_compiler::{Architecture, SourceFile, visible};
use seccomp_observe::tracer::{Ending, Watch};
use seccomp_tools::program::Content;
use seccomp_tools::recording::{self, Options, Recording, Run, unverified};

use self::recorder::{Recorder, is_meant, partial};
use crate::command::run::Subject;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::tracing::{self, shown};
use crate::wording::count;
use crate::{destination, input, render};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp record --output policies/tool.yaml -- ./tool input.txt
  cargo seccomp record --append policies/tool.yaml -- ./tool --other input.txt
  cargo seccomp record -o tool.yaml --evidence tool.json --verify -- ./tool input.txt
  cargo seccomp record --pid 1234 --timeout 60s -o service.yaml
  cargo seccomp record --only target/debug/deps -o tests.yaml -- cargo test
  cargo seccomp record --per-program policies -- ./build.sh";

const CODES: &str = "
  1  with `--verify`, the policy refused something, or the command ended differently under it;
     with `--append`, the policy has problems, or what it refuses cannot be added
  2  wrong usage, the command cannot be started or traced, it starts nothing that `--only` names,
     or a file cannot be written; a policy then goes to standard output, and with `--per-program`
     the evidence
  0  with `--pid`, the policy was written, whatever becomes of the process";

/// Runs a command, records its system calls and writes a policy that allows them
///
/// The command and all that it starts are traced with ptrace, without root. They do as they do alone, except that
/// set-user-ID programs run without the rights of their owner, and debuggers cannot trace them.
///
/// A recording has only what happened in its runs. So record everything that the program is for, also its errors, and
/// read the policy.
#[derive(Debug, Args)]
#[command(after_help = crate::command::after_help_traced(EXAMPLES, CODES))]
pub(crate) struct Arguments {
    /// Write the policy to this file; without it, to standard output, after what the command writes there
    #[arg(long, short, value_name = "POLICY", conflicts_with = "append", group = "new")]
    output: Option<PathBuf>,
    /// Write a policy for each program that made calls, and its evidence, to this folder, named after the program. A program
    /// also runs under the filters of those that started it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["append", "evidence"], group = "new")]
    per_program: Option<PathBuf>,
    /// Replace the file of `--output`, or files in the folder of `--per-program`, if they exist
    #[arg(long, requires = "new")]
    force: bool,
    /// Record under this policy, and add what it does not allow yet. What it allows runs at full speed
    #[arg(long, value_name = "POLICY")]
    append: Option<PathBuf>,
    /// Also write what was seen to this file, as JSON: counts, programs, threads and arguments. If the file exists, what
    /// was seen is added to it, and the policy allows all that it has. Not with `--append`, which sees only what the policy
    /// refuses
    #[arg(long, value_name = "FILE", conflicts_with = "append")]
    evidence: Option<PathBuf>,
    /// Record only this program: its path or its name, or the folder that it is in; repeatable. Without it, all
    /// programs that the command starts are recorded
    #[arg(long, value_name = "PROGRAM")]
    only: Vec<PathBuf>,
    /// Allow only what was seen: nothing that other C libraries, architectures or kernels would call instead
    #[arg(long, conflicts_with = "append")]
    exact: bool,
    /// Run the command again under the policy, and fail if any recorded program is refused a call, or if the command ends
    /// with another exit status
    #[arg(long)]
    verify: bool,
    /// Record this process, which runs already, in place of a command, until `--timeout` is over, on Ctrl-C, or until it
    /// ends; it is left running. Needs the right to trace it. What it called before is missing
    #[arg(long, conflicts_with_all = ["command", "append", "from_start", "verify"])]
    pid: Option<u32>,
    #[command(flatten)]
    command: tracing::Command,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architecture = Architecture::host().ok_or(Failure::NoHost)?;
    arguments.prepare()?;
    let subject = match &arguments.append {
        Some(policy) => match Subject::read(policy, architecture, output)? {
            Some(subject) => Some(subject),
            None => return Ok(Outcome::Problems),
        },
        None => None,
    };
    let watch = subject.as_ref().map_or_else(Watch::everything, |subject| subject.watch.clone());
    let mut recorder = Recorder::new(arguments, architecture, subject.as_ref(), output);
    let ending = arguments.trace(watch, &mut recorder)?;
    let has_own_filter = recorder.has_own_filter;
    let mut recording = recorder.finish(ending.is_some_and(|ending| ending.cut.is_none()))?;
    sum_up(&recording, arguments.append.is_some(), output);
    // The policy is written even if the evidence cannot be.
    let kept = arguments.keep(&mut recording, output);
    let ended = |ending| tracing::outcome(ending, &arguments.command, output);
    let outcome = ending.map_or(Outcome::Success, ended);
    if let Some(folder) = &arguments.per_program {
        return per_program::write(folder, &recording, arguments, output).map(|()| outcome);
    }
    let (policy, news) = match &arguments.append {
        Some(path) => match append(path, &recording, &arguments.options(), architecture, output)? {
            Some(appended) => appended,
            None => return Ok(Outcome::Problems),
        },
        None => (SourceFile::new(arguments.name(), recording.policy(&arguments.options())), None),
    };
    arguments.save(&policy, output)?;
    if let Some(news) = news {
        output.finding(news);
    }
    arguments.announce(output);
    if let Err(failed) = kept {
        return Ok(failed);
    }
    if arguments.verify {
        return verification::verify(arguments, &policy, (outcome, has_own_filter), architecture, output);
    }
    Ok(outcome)
}

impl Arguments {
    /// Traces the command, and says how it ended; or the process that is named in its place.
    fn trace(&self, watch: Watch, recorder: &mut Recorder<'_, '_>) -> Result<Option<Ending>, Failure> {
        let Some(process) = self.pid else {
            return Ok(Some(self.command.tracer(watch).run(recorder)?));
        };
        let end = match self.command.attachment(process).run(recorder)? {
            None => format!("process {process} was left running"),
            Some(status) => format!("process {process} ended with {}", status.code()),
        };
        recorder.tell(&render::note(&end));
        Ok(None)
    }

    /// The run that is to come.
    fn described(&self, architecture: &Architecture) -> Run {
        let Some(process) = self.pid else { return self.command.described(architecture) };
        let words = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words);
        let words = words.trim_end_matches('\0').split('\0').map(str::to_owned);
        let mut run = tracing::described(words, architecture);
        run.is_attached = true;
        run
    }

    /// Whether a program is recorded.
    fn records(&self, path: &Path) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| is_meant(path, only))
    }

    /// Fails before anything runs if a file cannot be written.
    fn prepare(&self) -> Result<(), Failure> {
        if let Some(folder) = &self.per_program {
            return per_program::prepare(folder, self);
        }
        let mut policy = self.output.iter().filter(|path| path.as_os_str() != "-" && !self.force);
        if let Some(path) = policy.find(|path| path.exists()) {
            return Err(Failure::Exists { path: path.clone() });
        }
        destination::check(self.destination())?;
        let Some(path) = &self.evidence else { return Ok(()) };
        if destination::is_same(path, self.destination()) {
            return Err(Failure::SameFile { path: path.clone() });
        }
        destination::check(path)?;
        earlier(path).map(drop)
    }

    /// Keeps the evidence, and says why if that fails.
    fn keep(&self, recording: &mut Recording, output: &mut Output<'_>) -> Result<(), Outcome> {
        let Some(path) = &self.evidence else { return Ok(()) };
        add_to(path, recording, output).map_err(|failure| output.failure(&failure))?;
        if let Some(partial) = partial(path) {
            // It need not be there.
            let _ = fs::remove_file(partial);
        }
        Ok(())
    }

    /// Writes the policy to its file or, if that cannot be written, to standard output, as it took a run to make.
    fn save(&self, policy: &SourceFile, output: &mut Output<'_>) -> Result<(), Failure> {
        let written = self.write(policy, self.force, output);
        if written.is_err() && self.destination().as_os_str() != "-" {
            output.finding(render::note("the policy goes to standard output, as its file cannot be written"));
            output.bytes(policy.bytes())?;
        }
        written
    }

    /// Says which file was written, and how to try it.
    fn announce(&self, output: &mut Output<'_>) {
        if let Some(path) = self.output.as_deref().filter(|path| !destination::is_stream(path)) {
            let path = shown(path);
            output.finding(render::note(&format!(
                "wrote `{path}`; try it with `cargo seccomp run {path} -- COMMAND`"
            )));
        }
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.is_exact = self.exact;
        options
    }

    /// Where the policy goes.
    fn destination(&self) -> &Path {
        self.append.as_deref().or(self.output.as_deref()).unwrap_or(Path::new("-"))
    }

    fn name(&self) -> String {
        self.destination().display().to_string()
    }

    fn write(&self, policy: &SourceFile, may_replace: bool, output: &mut Output<'_>) -> Result<(), Failure> {
        match &self.output {
            Some(path) if path.as_os_str() != "-" => {
                destination::write_new(path, policy.bytes(), may_replace)
            }
            _ => destination::write(self.destination(), Content::Text, policy.bytes(), output),
        }
    }
}

/// Adds the recording to the evidence in a file, and that evidence to the recording.
fn add_to(path: &PathBuf, recording: &mut Recording, output: &mut Output<'_>) -> Result<(), Failure> {
    if destination::is_stream(path) {
        return destination::write(path, Content::Text, recording.to_json().as_bytes(), output);
    }
    loop {
        // Another recorder may create the file after this line: then writing fails, and the next round merges it.
        let is_there = path.symlink_metadata().is_ok();
        let _lock = destination::locked(path);
        if let Some(earlier) = is_there.then(|| earlier(path)).transpose()?.flatten() {
            recording.merge(earlier);
        }
        match destination::write_new(path, recording.to_json().as_bytes(), is_there) {
            Err(Failure::Exists { .. }) => {}
            written => return written,
        }
    }
}

/// The evidence that a file has already.
fn earlier(path: &PathBuf) -> Result<Option<Recording>, Failure> {
    if path.as_os_str() == "-" || !path.exists() {
        return Ok(None);
    }
    input::evidence(core::slice::from_ref(path)).map(Some)
}

/// Says how many calls were recorded, and which programs made them.
fn sum_up(recording: &Recording, is_appended: bool, output: &mut Output<'_>) {
    let mut calls = 0_u64;
    let mut names = std::collections::BTreeSet::new();
    for seen in recording.observations() {
        calls = calls.saturating_add(seen.count());
        names.insert(seen.name());
    }
    let programs: Vec<String> =
        recording.programs().iter().map(|program| shown(Path::new(&program.path))).collect();
    let note = match (calls, is_appended) {
        (0, true) => "the policy allows every call that was made".to_owned(),
        (0, false) => "no call was made".to_owned(),
        _ => {
            let kinds = count(names.len(), "kind");
            format!("recorded {} of {kinds} by {}", count(calls, "call"), programs.join(", "))
        }
    };
    output.finding(render::note(&note));
    if recording.lost() != 0 {
        output.finding(render::warning(&format!(
            "{} not recorded: there were too many different ones",
            count(recording.lost(), "more call")
        )));
    }
}

/// The policy, which now also allows what it refused, and what to say once it is written. If it has problems by now, or a
/// call cannot be added, shows why and returns `None`.
fn append(
    path: &Path,
    recording: &Recording,
    options: &Options,
    architecture: &'static Architecture,
    output: &mut Output<'_>,
) -> Result<Option<(SourceFile, Option<String>)>, Failure> {
    let file = input::read(path)?;
    let name = visible(file.name());
    let appended = match recording::append(&file, recording, options, input::compiler(architecture)) {
        Ok(appended) => appended,
        Err(problems) => {
            problems.iter().for_each(|problem| output.finding(render::problem(problem, None)));
            return Ok(None);
        }
    };
    for call in &appended.refused {
        output.finding(render::error(&format!(
            "`{call}` cannot be allowed without changing the rules that refuse it: change them in `{name}` yourself"
        )));
    }
    if !appended.refused.is_empty() {
        output.finding(render::note(&format!("`{name}` stays as it is")));
        return Ok(None);
    }
    for call in &appended.falling_back {
        output.finding(render::note(&format!(
            "`{call}` was not added: a rule answers it with ENOSYS, so that libraries fall back to another call"
        )));
    }
    let patch = appended.patch(&file);
    if patch.is_empty() {
        output.finding(render::note(&format!("`{name}` stays as it is")));
        return Ok(Some((file, None)));
    }
    let news = format!("{}\n{}", render::note(&format!("added to `{name}`:")), patch.trim_end());
    Ok(Some((SourceFile::new(file.name(), unverified(&appended.file.text())), Some(news))))
}
