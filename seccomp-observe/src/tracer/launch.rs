//! Starts the command: it is traced before it installs the filter, and installs the filter before it is the command.

use std::ffi::{CString, OsStr, OsString};
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::{env, fs, process};

use nix::sys::signal::SigSet;

use super::error::TraceError;
use super::sys::{self, Plan, Request, Step, Strings};
use super::watch::Watch;

/// `PTRACE_O_*` of `linux/ptrace.h`: forks, vforks, clones, execs and stops for seccomp are reported, new threads and
/// processes are traced, too, and all are killed if the tracer dies: their calls would fail with ENOSYS otherwise.
const OPTIONS: usize = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 7 | 1 << 20;

/// A command that is about to start.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) process: i32,
    failure: PipeReader,
    command: OsString,
}

/// Starts a command that waits to be traced, and traces it.
pub(super) fn launch(command: &[OsString], watch: &Watch, mask: SigSet) -> Result<Launched, TraceError> {
    let Some(name) = command.first() else { return Err(TraceError::NoCommand) };
    // Its numbers would otherwise be those of other processes.
    let own = fs::read_link("/proc/self").map_err(|_| TraceError::NoProc)?;
    if own != Path::new(&process::id().to_string()) {
        return Err(TraceError::NoProc);
    }
    let not_started = |error| TraceError::NotStarted { command: name.clone(), error };
    let (go, mut going) = io::pipe().map_err(not_started)?;
    let (failure, failing) = io::pipe().map_err(not_started)?;
    let programs = places(name).map_err(not_started)?;
    let arguments = strings(command.iter().map(|word| word.as_bytes().to_vec())).map_err(not_started)?;
    let environment =
        strings(env::vars_os().map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat()));
    let plan = Plan {
        go: go.as_fd(),
        going: going.as_fd(),
        failure: failing.as_fd(),
        mask,
        filter: &filter(watch),
        programs: &programs,
        arguments: &arguments,
        environment: &environment.map_err(not_started)?,
    };
    let process = sys::start(&plan).map_err(not_started)?;
    drop(failing);
    let seized = sys::control(Request::Seize, process, OPTIONS);
    // Without this byte the child ends.
    let went = seized.is_ok() && going.write_all(&[1]).is_ok();
    drop(going);
    if let Err(error) = seized {
        let _ = nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(process), None);
        return Err(TraceError::Refused(error));
    }
    debug_assert!(went, "the child holds the other end");
    Ok(Launched { process, failure, command: name.clone() })
}

impl Launched {
    /// Why the child ended before it was the command.
    pub(super) fn why_not(mut self) -> TraceError {
        let mut message = [0; 5];
        let [step, number @ ..] = match self.failure.read_exact(&mut message) {
            Ok(()) => message,
            Err(error) => return TraceError::NotStarted { command: self.command, error },
        };
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes(number));
        match step {
            step if step == Step::NoNewPrivileges as u8 || step == Step::Filter as u8 => {
                TraceError::Filter(error)
            }
            _ => TraceError::NotStarted { command: self.command, error },
        }
    }
}

/// Where a program may be: at its path, or in the folders of `PATH`.
fn places(name: &OsStr) -> io::Result<Vec<CString>> {
    if name.as_bytes().contains(&b'/') {
        return Ok(vec![string(name.as_bytes().to_vec())?]);
    }
    if name.is_empty() {
        return Ok(Vec::new());
    }
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    env::split_paths(&path).map(|folder| string(folder.join(name).as_os_str().as_bytes().to_vec())).collect()
}

fn strings(texts: impl Iterator<Item = Vec<u8>>) -> io::Result<Strings> {
    texts.map(string).collect::<io::Result<Vec<_>>>().map(Strings::new)
}

fn string(bytes: Vec<u8>) -> io::Result<CString> {
    CString::new(bytes).map_err(io::Error::from)
}

fn filter(watch: &Watch) -> Vec<libc::sock_filter> {
    let instructions = watch.program().instructions.iter();
    instructions.map(|it| libc::sock_filter { code: it.code, jt: it.jt, jf: it.jf, k: it.k }).collect()
}
