//! The loop of a tracer: a thread stops, the tracer looks, the thread goes on.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use nix::sys::signal::Signal;
use seccomp_compiler::Call;

use super::attach::Attached;
use super::launch::{Launched, launch};
use super::living::{Living, Signals, Watchman, stop_with_the_job};
use super::stack::Modules;
use super::start::Breakpoint;
use super::sys::{self, Request, SyscallInfo};
use super::{Answer, Ending, Executed, Observer, Start, Status, TraceError, TracedCall, Tracer, registers};

/// The events of `linux/ptrace.h` that matter here.
mod event {
    pub(super) const EXEC: i32 = 4;
    pub(super) const SECCOMP: i32 = 7;
    pub(super) const STOP: i32 = 128;
}

pub(super) fn run(tracer: &Tracer, observer: &mut dyn Observer) -> Result<Ending, TraceError> {
    // Before anything can be started that would need to be stopped.
    let signals = Signals::hold().map_err(TraceError::Lost)?;
    let launched = launch(&tracer.command, &tracer.watch, signals.mask())?;
    let mut engine = Engine::new(launched.process, Going::Command(tracer), observer);
    engine.adopt(launched.process);
    let watchman = Watchman::start(&engine.living, tracer.limit);
    let result = match watchman {
        Ok(watchman) => engine.follow().map(|()| watchman),
        Err(error) => Err(TraceError::Lost(error)),
    };
    if let Err(error) = result {
        engine.kill_all();
        return Err(error);
    }
    engine.ending(launched)
}

/// How far the command itself has come.
enum Stage {
    /// It is not the command yet.
    Starting,
    /// Its program has not come to where its calls count.
    Loading(Breakpoint),
    /// Its calls count.
    Running,
}

/// What is traced, and so how a thread goes on.
pub(super) enum Going<'a> {
    /// To the next call that the filter stops.
    Command(&'a Tracer),
    /// To the next call, as there is no filter.
    Attached(Attached),
}

pub(super) struct Engine<'a> {
    going: Going<'a>,
    observer: &'a mut dyn Observer,
    /// The process of the command, or the one that is attached.
    command: i32,
    stage: Stage,
    threads: HashMap<i32, Thread>,
    living: Living,
    /// How the command ended.
    pub(super) status: Option<Status>,
    modules: RefCell<Modules>,
}

/// A traced thread.
#[derive(Debug)]
struct Thread {
    process: i32,
    program: Rc<Path>,
    /// The call that it was refused last, if any.
    refused: Option<Refused>,
}

/// A call that was given another number so that the kernel refuses it.
#[derive(Debug, Clone, Copy)]
struct Refused {
    real: u32,
    changed: u32,
}

impl<'a> Engine<'a> {
    pub(super) fn new(command: i32, going: Going<'a>, observer: &'a mut dyn Observer) -> Self {
        let stage = if matches!(going, Going::Command(_)) { Stage::Starting } else { Stage::Running };
        Self {
            going,
            observer,
            command,
            stage,
            threads: HashMap::new(),
            living: Living::default(),
            status: None,
            modules: RefCell::default(),
        }
    }

    /// Follows all threads until there are none, or attached ones are to be left.
    pub(super) fn follow(&mut self) -> Result<(), TraceError> {
        while !self.is_to_leave() {
            let (thread, status) = match sys::wait() {
                Ok(change) => change,
                Err(error) if error.raw_os_error() == Some(libc::ECHILD) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(TraceError::Lost(error)),
            };
            self.changed(thread, status)?;
        }
        Ok(())
    }

    fn is_to_leave(&self) -> bool {
        match &self.going {
            Going::Attached(attached) => self.threads.is_empty() || attached.is_over(),
            Going::Command(_) => false,
        }
    }

    /// Lets threads go that are stopped or about to stop, as a call may fail before which its thread is left stopped.
    pub(super) fn leave(&mut self) -> Result<(), TraceError> {
        /// Who computes for so many milliseconds without a call is left running.
        const PATIENCE: u32 = 1000;
        for _ in 0..PATIENCE {
            let Going::Attached(attached) = &self.going else { return Ok(()) };
            let is_done = self.threads.keys().all(|thread| attached.may_leave(*thread));
            while let Some((thread, status)) = sys::wait_no_longer() {
                self.changed(thread, status)?;
            }
            if is_done {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    fn changed(&mut self, thread: i32, status: i32) -> Result<(), TraceError> {
        if let Going::Attached(attached) = &mut self.going
            && attached.has_ended(thread)
        {
            return Ok(());
        }
        if libc::WIFEXITED(status) {
            self.ended(thread, Status::Exited(libc::WEXITSTATUS(status)));
        } else if libc::WIFSIGNALED(status) {
            self.ended(thread, Status::Killed(libc::WTERMSIG(status)));
        } else if libc::WIFSTOPPED(status) {
            self.adopt(thread);
            match self.stopped(thread, libc::WSTOPSIG(status), status >> 16) {
                // It was killed while it was stopped; `wait` will say so.
                Err(Trouble::Thread(error)) if error.raw_os_error() == Some(libc::ESRCH) => {}
                Err(Trouble::Thread(error)) => return Err(TraceError::Lost(error)),
                Err(Trouble::Tracing(error)) => return Err(error),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// Lets a stopped thread go on.
    fn stopped(&mut self, thread: i32, signal: i32, event: i32) -> Result<(), Trouble> {
        let whole_process = event == event::STOP && is_stop(signal);
        if let Going::Attached(attached) = &mut self.going
            && attached.has_stopped(thread)
            && event == event::STOP
            && !whole_process
        {
            registers::repeat_interrupted(thread)?;
        }
        if whole_process {
            return self.stopped_with_its_process(thread);
        }
        let signal = self.noted(thread, signal, event)?;
        let request = match &mut self.going {
            Going::Command(_) => Request::Continue,
            Going::Attached(attached) => attached.goes_on(thread),
        };
        sys::control(request, thread, usize::try_from(signal).unwrap_or_default())?;
        Ok(())
    }

    /// Leaves a thread stopped, as a signal stopped its process.
    fn stopped_with_its_process(&self, thread: i32) -> Result<(), Trouble> {
        let is_command = self.threads.get(&thread).is_some_and(|it| it.process == self.command);
        sys::control(Request::Listen, thread, 0)?;
        if is_command && matches!(self.going, Going::Command(_)) {
            stop_with_the_job();
        }
        Ok(())
    }

    /// Notes why a thread stopped, and says which signal it gets.
    fn noted(&mut self, thread: i32, signal: i32, event: i32) -> Result<i32, Trouble> {
        const NO_SIGNAL: i32 = 0;
        /// With `PTRACE_O_TRACESYSGOOD`.
        const AT_CALL: i32 = libc::SIGTRAP | 0x80;
        match event {
            event::SECCOMP => self.called(thread)?,
            event::EXEC => self.executed(thread),
            0 if signal == AT_CALL => self.called(thread)?,
            0 if signal == libc::SIGTRAP && self.is_at_start(thread)? => {}
            0 if signal == libc::SIGSYS => {
                self.trapped(thread)?;
                return Ok(signal);
            }
            0 => return Ok(signal),
            _ => {}
        }
        Ok(NO_SIGNAL)
    }

    fn called(&mut self, id: i32) -> Result<(), Trouble> {
        /// `PTRACE_SYSCALL_INFO_EXIT`.
        const AFTER: u8 = 2;
        let info = match sys::syscall_info(id) {
            Err(error) if error.raw_os_error() != Some(libc::ESRCH) => {
                return Err(TraceError::NoCall(error).into());
            }
            info => info?,
        };
        if let Going::Attached(attached) = &mut self.going {
            attached.is_at_call(id, info.op != AFTER);
        }
        if info.op == AFTER {
            return Ok(());
        }
        let Some(thread) = self.threads.get(&id) else { return Ok(()) };
        let is_command = thread.process == self.command;
        if is_command && !matches!(self.stage, Stage::Running) {
            return Ok(());
        }
        let data = u16::try_from(info.data & 0xffff).unwrap_or_default();
        let call = Call {
            arch: info.arch,
            // The filter saw an int.
            number: u32::try_from(info.number & 0xffff_ffff).unwrap_or_default(),
            instruction_pointer: info.instruction_pointer,
            arguments: info.arguments,
        };
        let (process, program) = (thread.process.unsigned_abs(), &*thread.program);
        let modules = &self.modules;
        let call =
            TracedCall { thread: id.unsigned_abs(), process, is_command, program, call, data, modules };
        let answer = self.observer.called(&call);
        let Going::Command(tracer) = &self.going else { return Ok(()) };
        match tracer.watch.number(data).filter(|_| answer == Answer::Refuse) {
            Some(changed) => self.refuse(id, &info, Refused { real: call.call.number, changed }),
            None => Ok(()),
        }
    }

    fn refuse(&mut self, id: i32, info: &SyscallInfo, refused: Refused) -> Result<(), Trouble> {
        match registers::set_number(id, info, refused.changed) {
            Err(error) if error.raw_os_error() != Some(libc::ESRCH) => {
                return Err(TraceError::NoRefusal(error).into());
            }
            result => result?,
        }
        if let Some(thread) = self.threads.get_mut(&id) {
            thread.refused = Some(refused);
        }
        Ok(())
    }

    /// Has the handler of a SIGSYS see the call that was made.
    fn trapped(&self, id: i32) -> Result<(), Trouble> {
        if let Some(Refused { real, changed }) = self.threads.get(&id).and_then(|thread| thread.refused) {
            registers::restore_number(id, changed, real)?;
        }
        Ok(())
    }

    /// A process has become another program, whichever of its threads did it; the others are gone.
    fn executed(&mut self, process: i32) {
        let others = self.threads.extract_if(|id, thread| thread.process == process && *id != process);
        others.for_each(|(id, _)| self.observer.ended(id.unsigned_abs()));
        let program = program_of(process);
        let file = fs::metadata(format!("/proc/{process}/exe"));
        let is_set_id = file.is_ok_and(|file| file.mode() & 0o6000 != 0);
        self.threads.insert(process, Thread { process, program: program.clone(), refused: None });
        if process == self.command {
            let is_first = matches!(self.stage, Stage::Starting);
            let breakpoint = match &self.going {
                Going::Command(tracer) if is_first && tracer.start == Start::Main => {
                    Breakpoint::at_main(process)
                }
                _ => None,
            };
            self.stage = breakpoint.map_or(Stage::Running, Stage::Loading);
        }
        let process = process.unsigned_abs();
        self.observer.executed(&Executed { process, program: &program, is_set_id });
    }

    /// Whether a thread that got SIGTRAP has come to where its calls count; it goes on there.
    fn is_at_start(&mut self, thread: i32) -> Result<bool, Trouble> {
        let Stage::Loading(breakpoint) = &self.stage else { return Ok(false) };
        if thread != self.command || !breakpoint.is_met_by(thread)? {
            return Ok(false);
        }
        breakpoint.remove(thread)?;
        self.stage = Stage::Running;
        Ok(true)
    }

    /// Notes a thread that is new.
    pub(super) fn adopt(&mut self, id: i32) {
        if self.threads.contains_key(&id) {
            return;
        }
        let process = process_of(id).unwrap_or(id);
        let known = self.threads.get(&process).map(|thread| thread.program.clone());
        let program = known.unwrap_or_else(|| program_of(id));
        let thread = Thread { process, program, refused: None };
        if process == id {
            self.living.add(process);
        }
        self.threads.insert(id, thread);
    }

    fn ended(&mut self, id: i32, status: Status) {
        self.threads.remove(&id);
        self.living.remove(id);
        if let Going::Attached(attached) = &mut self.going {
            attached.forget(id);
        }
        self.observer.ended(id.unsigned_abs());
        if id == self.command {
            self.status = Some(status);
        }
    }

    fn ending(self, launched: Launched) -> Result<Ending, TraceError> {
        match (self.stage, self.status) {
            (Stage::Starting, _) => Err(launched.why_not()),
            (_, Some(status)) => Ok(Ending { status, cut: self.living.cut() }),
            (_, None) => Err(TraceError::Lost(io::ErrorKind::NotFound.into())),
        }
    }

    /// Leaves nobody stopped.
    fn kill_all(&mut self) {
        self.living.send(Signal::SIGKILL);
        while let Ok((thread, status)) = sys::wait() {
            if libc::WIFSTOPPED(status) && !self.threads.contains_key(&thread) {
                self.adopt(thread);
                self.living.send(Signal::SIGKILL);
            }
        }
    }
}

/// Why a thread cannot go on.
enum Trouble {
    /// A request about the thread failed, perhaps because it is gone.
    Thread(io::Error),
    /// Nothing can be traced.
    Tracing(TraceError),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Thread(error)
    }
}

impl From<TraceError> for Trouble {
    fn from(error: TraceError) -> Self {
        Self::Tracing(error)
    }
}

/// Whether a signal stops a process, so that an event with it is a stop of the whole process.
fn is_stop(signal: i32) -> bool {
    [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU].contains(&signal)
}

/// The file of the program that a process runs.
fn program_of(process: i32) -> Rc<Path> {
    fs::read_link(format!("/proc/{process}/exe")).unwrap_or_else(|_| PathBuf::from("?")).into()
}

/// The process that a thread is of.
fn process_of(thread: i32) -> Option<i32> {
    status_of(thread, "Tgid:")?.parse().ok()
}

/// What the kernel says about a thread.
pub(super) fn status_of(thread: i32, key: &str) -> Option<String> {
    let status = fs::read(format!("/proc/{thread}/status")).ok()?;
    let status = String::from_utf8_lossy(&status);
    Some(status.lines().find_map(|line| line.strip_prefix(key))?.trim().to_owned())
}
