//! A recording as a value, and how it grows.

use std::collections::{BTreeSet, HashMap};

use seccomp_compiler::Call;

use super::kept::{self, Kept};
use super::observation::{Count, Key, Observation, Record};
use super::stack::{Frame, New, Stacks};

/// How many programs a recording tells apart. The calls of further ones are counted under an empty path.
pub const MAX_PROGRAMS: usize = 4096;

/// How many names of threads a recording tells apart.
pub const MAX_THREADS: usize = 4096;

/// How many runs a recording tells apart. Calls of further ones count for the last.
pub const MAX_RUNS: usize = 4096;

/// How many calls of programs a recording tells apart. Further ones are only counted, as [lost](Recording::lost).
pub const MAX_OBSERVATIONS: usize = 1 << 17;

/// How many bytes of a name or a path are kept.
pub(super) const MAX_TEXT: usize = 4096;

/// Everything that was seen in one or more runs.
#[derive(Debug, Clone)]
pub struct Recording {
    pub(super) runs: Vec<Run>,
    pub(super) programs: Vec<Program>,
    pub(super) threads: Vec<String>,
    pub(super) keys: HashMap<Key, usize>,
    pub(super) records: Vec<(Key, Record)>,
    pub(super) stacks: Stacks,
    pub(super) lost: u64,
}

/// One run of a command that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Run {
    /// The command and its arguments.
    pub command: Vec<String>,
    /// Where it ran.
    pub machine: Machine,
    /// Whether it was recorded to its end.
    pub is_complete: bool,
    /// Whether the command ran already, so that what it had called before is missing.
    pub is_attached: bool,
}

/// A machine on which a program ran.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Machine {
    /// The name of its architecture.
    pub architecture: String,
    /// The release of its kernel.
    pub kernel: String,
    /// The C library that the command uses, such as `glibc 2.36`, if that is known.
    pub libc: Option<String>,
}

/// A program that made calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Program {
    /// The path of its executable.
    pub path: String,
    /// Whether it is written in Rust, if that is known.
    pub is_rust: Option<bool>,
}

/// A program of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProgramId(u32);

/// The name of a thread in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId(u32);

/// Who makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The program.
    pub program: ProgramId,
    /// The thread.
    pub thread: ThreadId,
}

impl Run {
    /// A run that has not ended yet.
    pub fn new(command: impl IntoIterator<Item = String>, machine: Machine) -> Self {
        Self { command: command.into_iter().collect(), machine, is_complete: false, is_attached: false }
    }
}

impl Machine {
    /// A machine with this architecture and this release of the kernel.
    pub fn new(architecture: &str, kernel: &str) -> Self {
        Self { architecture: architecture.to_owned(), kernel: kernel.to_owned(), libc: None }
    }
}

impl Recording {
    /// A recording whose first run this is.
    pub fn new(run: Run) -> Self {
        Self {
            runs: vec![run],
            programs: Vec::new(),
            threads: Vec::new(),
            keys: HashMap::new(),
            records: Vec::new(),
            stacks: Stacks::default(),
            lost: 0,
        }
    }

    /// Begins another run, to which the calls belong that are added from now on.
    pub fn run(&mut self, run: Run) {
        if self.runs.len() < MAX_RUNS {
            self.runs.push(run);
        }
    }

    /// The run that calls are added to, to say how it ended or which C library it uses.
    pub fn last_run(&mut self) -> Option<&mut Run> {
        self.runs.last_mut()
    }

    pub(super) fn current_run(&self) -> u32 {
        index(self.runs.len().saturating_sub(1))
    }

    /// The runs.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The programs that made calls.
    pub fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// The program at this path, known or new.
    pub fn program(&mut self, path: &str) -> ProgramId {
        let is_full = self.programs.len() >= MAX_PROGRAMS - 1;
        let index = position(&self.programs, |known| known.path == cut(path)).unwrap_or_else(|| {
            let path = if is_full { "" } else { cut(path) };
            position(&self.programs, |known| known.path == path).unwrap_or_else(|| {
                self.programs.push(Program { path: path.to_owned(), is_rust: None });
                index(self.programs.len() - 1)
            })
        });
        ProgramId(index)
    }

    /// The index of a program, also where it is not known yet.
    pub(super) fn merged_program(&mut self, program: &Program) -> u32 {
        let id = self.program(&program.path);
        if let Some(is_rust) = program.is_rust {
            self.set_rust(id, is_rust);
        }
        id.0
    }

    /// Says whether a program is written in Rust, which decides what is added to a policy for it.
    pub fn set_rust(&mut self, program: ProgramId, is_rust: bool) {
        if let Some(program) = self.programs.get_mut(program.0 as usize) {
            program.is_rust = Some(is_rust);
        }
    }

    /// The name of a thread, known or new.
    pub fn thread(&mut self, name: &str) -> ThreadId {
        let is_full = self.threads.len() >= MAX_THREADS - 1;
        let index = position(&self.threads, |known| known == cut(name)).unwrap_or_else(|| {
            let name = if is_full { "" } else { cut(name) };
            position(&self.threads, |known| known == name).unwrap_or_else(|| {
                self.threads.push(name.to_owned());
                index(self.threads.len() - 1)
            })
        });
        ThreadId(index)
    }

    /// Counts a call. Where it, or a value of its arguments, is seen for the first time, its stack is wanted.
    pub fn add(&mut self, caller: Caller, call: &Call) -> Option<New> {
        let run = self.current_run();
        let key = Key { program: caller.program.0, audit: call.arch, number: call.number };
        let observation = match self.keys.get(&key) {
            Some(known) => *known,
            None if self.records.len() < MAX_OBSERVATIONS => {
                self.records.push((key, Record::new(call)));
                self.keys.insert(key, self.records.len() - 1);
                self.records.len() - 1
            }
            None => {
                self.lost = self.lost.saturating_add(1);
                return None;
            }
        };
        let record = &mut self.records[observation].1;
        record.runs.insert(run);
        record.threads.insert(caller.thread.0);
        let tuple = record.kept.masked(&call.arguments);
        if let Some(seen) = record.kept.get_mut(&tuple) {
            seen.count = seen.count.saturating_add(1);
            return None;
        }
        record.kept.insert(&call.arguments, Count { count: 1, stack: None });
        Some(New { observation, tuple })
    }

    /// Sets the stack of a call that was new, innermost frame first.
    pub fn set_stack(&mut self, new: New, frames: Vec<Frame>) {
        let Some((_, record)) = self.records.get_mut(new.observation) else { return };
        // By now, its values may no longer be told apart.
        let tuple = record.kept.masked(&new.tuple);
        if let Some(seen) = record.kept.get_mut(&tuple)
            && seen.stack.is_none()
        {
            seen.stack = self.stacks.index(frames);
        }
    }

    /// How many calls were made that are not in the recording: those beyond [`MAX_OBSERVATIONS`], and those that the
    /// recorder says it missed.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// Says that calls were made that are not in the recording.
    pub const fn add_lost(&mut self, calls: u64) {
        self.lost = self.lost.saturating_add(calls);
    }

    /// What was seen, in the order of programs, ABIs and numbers.
    pub fn observations(&self) -> impl Iterator<Item = Observation<'_>> {
        let mut records: Vec<&(Key, Record)> = self.records.iter().collect();
        records.sort_by_key(|(key, _)| (&self.programs[key.program as usize], *key));
        records.into_iter().map(|(key, record)| Observation {
            key: *key,
            record,
            program: &self.programs[key.program as usize].path,
            threads: &self.threads,
            stacks: &self.stacks,
        })
    }
}

impl ProgramId {
    pub(super) const fn index(self) -> u32 {
        self.0
    }
}

impl ThreadId {
    pub(super) const fn index(self) -> u32 {
        self.0
    }
}

impl Record {
    fn new(call: &Call) -> Self {
        let masks = kept::constants(call.arch, call.number);
        Self { runs: BTreeSet::new(), threads: BTreeSet::new(), kept: Kept::new(masks) }
    }
}

fn position<T>(items: &[T], is_it: impl Fn(&T) -> bool) -> Option<u32> {
    items.iter().position(is_it).map(index)
}

/// An index as it is stored. Every list has a bound far below `u32::MAX`.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A text, cut at a character if it is too long.
pub(super) fn cut(text: &str) -> &str {
    let end = (0..=MAX_TEXT.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}
