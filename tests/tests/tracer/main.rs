//! What a tracer sees of commands and does to them: the real kernel, and a child for each claim.
#![cfg(target_os = "linux")]

mod attached;
mod children;
mod refusals;
mod seen;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use seccomp_compiler::Architecture;
use seccomp_observe::tracer::{
    Answer, Ending, Executed, Observer, Start, Status, TraceError, TracedCall, Tracer, Watch,
};

/// What was seen of a command.
#[derive(Debug, Default)]
struct Seen {
    /// How often each call was made, by name, with the name of its architecture.
    calls: BTreeMap<(&'static str, String), u64>,
    programs: Vec<PathBuf>,
    threads: BTreeMap<u32, u32>,
}

impl Seen {
    fn count(&self, name: &str) -> u64 {
        self.calls.iter().filter(|((_, call), _)| call == name).map(|(_, count)| count).sum()
    }

    fn has_run(&self, program: &str) -> bool {
        self.programs.iter().any(|path| path.ends_with(program))
    }
}

impl Observer for Seen {
    fn called(&mut self, traced: &TracedCall<'_>) -> Answer {
        let abi = Architecture::of_call(traced.call.arch, traced.call.number);
        let name = abi.and_then(|abi| abi.syscall_name(traced.call.number));
        let name = name.map_or_else(|| traced.call.number.to_string(), str::to_owned);
        *self.calls.entry((abi.map_or("?", Architecture::name), name)).or_default() += 1;
        self.threads.insert(traced.thread, traced.process);
        Answer::Make
    }

    fn executed(&mut self, executed: &Executed<'_>) {
        self.programs.push(executed.program.to_owned());
    }
}

fn words(command: &[&str]) -> Vec<OsString> {
    command.iter().map(Into::into).collect()
}

/// Traces every call of a command, from its `main` on.
fn trace(command: &[&str]) -> (Status, Seen) {
    let mut seen = Seen::default();
    let ending = Tracer::new(words(command), Watch::everything()).start(Start::Main).run(&mut seen);
    (ending.expect("it can be traced").status, seen)
}

/// Traces a test of [`children`], which must pass.
fn child(name: &str) -> Seen {
    let (status, seen) = trace(&command_of_child(name).iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(status, Status::Exited(0), "{name}");
    seen
}

/// The command that runs a test of [`children`] in this executable, and shows nothing.
fn command_of_child(name: &str) -> Vec<String> {
    let executable = std::env::current_exe().expect("this is a program").display().to_string();
    let command = ["sh", "-c", "exec \"$@\" > /dev/null", "sh", &executable, "--exact", "--include-ignored"];
    command.into_iter().chain([&*format!("children::{name}")]).map(str::to_owned).collect()
}

fn limited(command: &[&str], limit: Duration) -> Result<Ending, TraceError> {
    Tracer::new(words(command), Watch::everything()).limit(Some(limit)).run(&mut Seen::default())
}
