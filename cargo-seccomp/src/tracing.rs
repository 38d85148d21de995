//! What `record` and `run` have in common: a command under a tracer, and how it ended.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use clap::Args;
use seccomp_compiler::{Architecture, Call, visible};
use seccomp_observe::tracer::{Attachment, Cut, Ending, Executed, Start, TracedCall, Tracer, Watch};
use seccomp_tools::recording::{Machine, Run};

use crate::outcome::Outcome;
use crate::output::Output;
use crate::render;
use crate::wording::count;

/// The command, and how long it may take.
#[derive(Debug, Args)]
pub(crate) struct Command {
    /// Ask the command and all that it started to end after this time (`90s`, `5m`), by SIGTERM, and kill what is left 5
    /// seconds later
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    /// Count from the first instruction of the program, as for a filter that is installed before it starts, by systemd or
    /// bwrap. Otherwise its calls count from `main` on, where that can be told, without those of the dynamic loader; or, in
    /// `record`, from where the program installs a filter itself
    #[arg(long)]
    from_start: bool,
    /// The command, with its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub(crate) command: Vec<OsString>,
}

impl Command {
    pub(crate) fn tracer(&self, watch: Watch) -> Tracer {
        let start = if self.from_start { Start::Exec } else { Start::Main };
        Tracer::new(self.command.iter().cloned(), watch).limit(self.timeout).start(start)
    }

    /// The run of it that is to come.
    pub(crate) fn described(&self, architecture: &Architecture) -> Run {
        described(self.command.iter().map(|word| word.to_string_lossy().into_owned()), architecture)
    }

    /// A running process in place of the command, traced for as long.
    pub(crate) fn attachment(&self, process: u32) -> Attachment {
        Attachment::new(process).limit(self.timeout)
    }

    /// Whether a call is where the command's own filter begins, so that what came before does not count.
    pub(crate) fn begins_with(&self, traced: &TracedCall<'_>) -> bool {
        !self.from_start && traced.is_command && installs_filter(&traced.call)
    }
}

/// A run of a command on this machine.
pub(crate) fn described(command: impl Iterator<Item = String>, architecture: &Architecture) -> Run {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Run::new(command, Machine::new(architecture.name(), kernel.trim()))
}

/// Whether a call installs a filter: seccomp(2), or prctl(2) as before Linux 3.17.
pub(crate) fn installs_filter(call: &Call) -> bool {
    const SET_MODE_FILTER: u64 = 1;
    const MODE_FILTER: u64 = 2;
    const PR_SET_SECCOMP: u64 = 22;
    // Names are looked up once and not for each call, which would take longer than all else that is done about it.
    static NAMES: LazyLock<Vec<(u32, u32, &str)>> = LazyLock::new(|| numbers_of(&["seccomp", "prctl"]));
    let low = |at: usize| call.arguments[at] & 0xffff_ffff;
    let name = NAMES.iter().find(|(audit, number, _)| (*audit, *number) == (call.arch, call.number));
    match name {
        Some((_, _, "seccomp")) => low(0) == SET_MODE_FILTER,
        Some((_, _, "prctl")) => low(0) == PR_SET_SECCOMP && low(1) == MODE_FILTER,
        _ => false,
    }
}

/// These calls in every ABI of this machine: the audit architecture, the number, and the name.
fn numbers_of(names: &[&'static str]) -> Vec<(u32, u32, &'static str)> {
    let host = Architecture::host().into_iter();
    let abis = host.flat_map(|host| core::iter::once(host).chain(host.compat()));
    let of = |abi: &'static Architecture| {
        names.iter().filter_map(|name| Some((abi.audit(), abi.syscall_number(name)?, *name)))
    };
    abis.flat_map(of).collect()
}

/// Programs that lose the rights of their owner, each named once.
#[derive(Debug, Default)]
pub(crate) struct SetIds(Vec<PathBuf>);

impl SetIds {
    /// Says so of a program that was started.
    pub(crate) fn note(&mut self, executed: &Executed<'_>, output: &mut Output<'_>) {
        if executed.is_set_id && !self.0.iter().any(|known| known == executed.program) {
            self.0.push(executed.program.to_owned());
            output.finding(render::warning(&format!(
                "`{}` runs without the rights of its owner: a filter without root takes no_new_privs, which makes the \
                 set-user-ID and set-group-ID bits of programs count for nothing",
                shown(executed.program)
            )));
        }
    }
}

/// A path as messages show it.
pub(crate) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into()
}

/// The exit code of the command; says so if it was asked to end.
pub(crate) fn outcome(ending: Ending, command: &Command, output: &mut Output<'_>) -> Outcome {
    match (ending.cut, command.timeout) {
        (Some(Cut::TimeLimit), Some(limit)) => {
            let limit = humantime::format_duration(limit);
            output.finding(render::note(&format!("the command was ended after {limit}")));
        }
        (Some(Cut::Terminated), _) => {
            output.finding(render::note("the command was ended, as SIGTERM or SIGHUP asked for it"));
        }
        _ => {}
    }
    Outcome::Command(u8::try_from(ending.status.code()).unwrap_or(u8::MAX))
}

/// `1 call`, `3 calls`.
pub(crate) fn calls(number: u64) -> String {
    count(number, "call")
}
