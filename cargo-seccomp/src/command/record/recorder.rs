//! Counts the calls of a command as they come.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use seccomp_compiler::Architecture;
use seccomp_observe::tracer::{Answer, Executed, Observer, TracedCall};
use seccomp_tools::recording::{self, Caller, Frame, ProgramId, Recording, Run};

use super::Arguments;
use crate::command::run::Subject;
use crate::destination;
use crate::outcome::Failure;
use crate::output::Output;
use crate::tracing::SetIds;

/// How often the evidence is written while the command runs.
const INTERVAL: Duration = Duration::from_secs(2);

pub(super) struct Recorder<'a, 'o> {
    arguments: &'a Arguments,
    architecture: &'static Architecture,
    /// The policy that is appended to.
    subject: Option<&'a Subject>,
    recording: Recording,
    /// The run that is recorded.
    run: Run,
    /// Programs by path; none for those that are not recorded.
    programs: HashMap<PathBuf, Option<ProgramId>>,
    /// The living threads that made a call; none for those of programs that are not recorded.
    callers: HashMap<u32, Option<Caller>>,
    /// Whether the command installed a filter, from which on its calls count.
    pub(super) has_own_filter: bool,
    set_ids: SetIds,
    /// Whether a program was started that is meant to be recorded.
    has_met: bool,
    /// Whether something new is not yet in the evidence.
    is_behind: bool,
    written: Instant,
    output: &'a mut Output<'o>,
}

impl<'a, 'o> Recorder<'a, 'o> {
    pub(super) fn new(
        arguments: &'a Arguments,
        architecture: &'static Architecture,
        subject: Option<&'a Subject>,
        output: &'a mut Output<'o>,
    ) -> Self {
        let run = arguments.described(architecture);
        Self {
            arguments,
            architecture,
            subject,
            recording: Recording::new(run.clone()),
            run,
            programs: HashMap::new(),
            callers: HashMap::new(),
            has_own_filter: false,
            set_ids: SetIds::default(),
            has_met: false,
            is_behind: false,
            written: Instant::now(),
            output,
        }
    }

    /// What was recorded. Fails if no program was started that is meant to be.
    pub(super) fn finish(mut self, is_complete: bool) -> Result<Recording, Failure> {
        for (path, id) in &self.programs {
            if let Some((id, is_rust)) = id.and_then(|id| Some((id, is_rust(path)?))) {
                self.recording.set_rust(id, is_rust);
            }
        }
        if let Some(run) = self.recording.last_run() {
            run.is_complete = is_complete;
        }
        match self.arguments.pid {
            _ if self.has_met => Ok(self.recording),
            Some(process) => Err(Failure::NoCalls { process }),
            None => Err(Failure::NotStarted),
        }
    }

    /// Says what else there is to know.
    pub(super) fn tell(&mut self, finding: &str) {
        self.output.finding(finding);
    }

    /// The program, if it is recorded.
    fn program(&mut self, path: &Path) -> Option<ProgramId> {
        if let Some(known) = self.programs.get(path) {
            return *known;
        }
        let id = self.arguments.records(path).then(|| self.recording.program(&path.to_string_lossy()));
        self.programs.insert(path.to_owned(), id);
        id
    }

    /// The thread and its program, if it is recorded.
    fn caller(&mut self, traced: &TracedCall<'_>) -> Option<Caller> {
        let id = traced.thread;
        if let Some(known) = self.callers.get(&id) {
            return *known;
        }
        let caller = self.program(traced.program).map(|program| {
            let name = fs::read(format!("/proc/{id}/comm")).unwrap_or_default();
            let thread = self.recording.thread(String::from_utf8_lossy(&name).trim_end_matches('\n'));
            Caller { program, thread }
        });
        self.callers.insert(id, caller);
        caller
    }

    /// Forgets what the command did before it installed its filter.
    fn restart(&mut self) {
        self.has_own_filter = true;
        self.recording = Recording::new(self.run.clone());
        self.programs.clear();
        self.callers.clear();
    }

    /// Writes what is new to the evidence, so that it is there whatever happens.
    fn keep(&mut self) {
        let Some(evidence) = &self.arguments.evidence else { return };
        if !self.is_behind || self.written.elapsed() < INTERVAL {
            return;
        }
        let Some(partial) = partial(evidence) else { return };
        // If this fails, so will the end, which says so.
        let written = destination::write_new(&partial, self.recording.to_json().as_bytes(), true);
        self.written = Instant::now();
        self.is_behind = written.is_err();
    }

    /// Records a call, unless its program is not one to record.
    fn add(&mut self, traced: &TracedCall<'_>) {
        let Some(caller) = self.caller(traced) else { return };
        self.has_met = true;
        self.is_behind = true;
        let Some(new) = self.recording.add(caller, &traced.call) else { return };
        let frames = traced.stack().into_iter().map(|place| Frame {
            crate_name: place.symbol.as_deref().and_then(recording::crate_of),
            function: place.function,
            file: place.file,
            line: place.line,
            module: Some(place.module),
            offset: place.offset,
        });
        self.recording.set_stack(new, frames.collect());
    }
}

/// The file that has the evidence until the command has ended, unless the evidence goes to a stream.
pub(super) fn partial(path: &Path) -> Option<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    (!destination::is_stream(path)).then(|| name.into())
}

impl Observer for Recorder<'_, '_> {
    fn called(&mut self, traced: &TracedCall<'_>) -> Answer {
        if self.subject.is_some_and(|subject| subject.falls_back(traced, self.architecture)) {
            return Answer::Refuse;
        }
        if self.arguments.command.begins_with(traced) {
            self.restart();
            return Answer::Make;
        }
        self.add(traced);
        self.keep();
        Answer::Make
    }

    fn executed(&mut self, executed: &Executed<'_>) {
        // Its thread has another name now.
        self.callers.remove(&executed.process);
        self.has_met |= self.arguments.records(executed.program);
        self.set_ids.note(executed, self.output);
    }

    fn ended(&mut self, thread: u32) {
        self.callers.remove(&thread);
    }
}

/// Whether `--only` means a program: by its path, its name, or a folder that it is in.
pub(super) fn is_meant(path: &Path, only: &Path) -> bool {
    let is_name = only.components().count() == 1 && path.file_name() == Some(only.as_os_str());
    is_name || fs::canonicalize(only).is_ok_and(|only| path.starts_with(only))
}

/// Whether a program is written in Rust, judging by a text that is in every copy of the standard library.
fn is_rust(path: &Path) -> Option<bool> {
    const LARGEST: u64 = 512 << 20;
    let is_readable = fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= LARGEST);
    let bytes = is_readable.then(|| fs::read(path).ok()).flatten()?;
    Some(memchr::memmem::find(&bytes, b"RUST_BACKTRACE").is_some())
}
