//! Traces a process that runs already, and leaves it as it was.
//!
//! Threads that are stopped for the tracer are let go when they are detached, but others would have to be stopped first,
//! which some calls fail from. So none is detached: all are traced by a thread of their own, and when a tracer ends, the
//! kernel detaches what it traced and stops nobody.

use std::collections::HashSet;
use std::fs;
use std::io::{self, PipeReader, Write};
use std::os::fd::AsFd;
use std::panic::resume_unwind;
use std::thread;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, gettid};

use super::engine::{Engine, Going, status_of};
use super::error::NotAttached;
use super::living::Signals;
use super::sys::{self, Request};
use super::{Attachment, Observer, Status, TraceError};

/// `PTRACE_O_*` of `linux/ptrace.h`: stops at calls are told from signals; forks, vforks, clones and execs are reported, and
/// new threads and processes are traced, too.
const OPTIONS: usize = 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4;

pub(super) fn run(
    attachment: &Attachment,
    observer: &mut (dyn Observer + Send),
) -> Result<Option<Status>, TraceError> {
    let process = attachable(attachment.process)?;
    let signals = Signals::hold().map_err(TraceError::Left)?;
    let deadline = attachment.limit.and_then(|limit| Instant::now().checked_add(limit));
    let (go, mut going) = io::pipe().map_err(TraceError::Left)?;
    let (ended, ending) = io::pipe().map_err(TraceError::Left)?;
    thread::scope(|scope| {
        let tracer = thread::Builder::new().name("tracer".to_owned()).spawn_scoped(scope, move || {
            let _ending = ending;
            (gettid(), follow(process, observer, &go))
        });
        let tracer = tracer.map_err(TraceError::Left)?;
        let waited = signals.wait(&ended, deadline);
        // If the sentinel has ended already, so has the tracer.
        let _ = going.write_all(&[1]);
        let (id, result) = tracer.join().unwrap_or_else(|panic| resume_unwind(panic));
        // It traces a little longer than it can be joined.
        while fs::exists(format!("/proc/self/task/{id}")).is_ok_and(|exists| exists) {
            thread::yield_now();
        }
        waited.map_err(TraceError::Left)?;
        result
    })
}

/// Traces from this thread, until its sentinel ends.
fn follow(process: i32, observer: &mut dyn Observer, go: &PipeReader) -> Result<Option<Status>, TraceError> {
    let sentinel = Sentinel::start(go).map_err(TraceError::Left)?;
    let threads = seize(process)?;
    let attached = Attached { sentinel, interrupted: threads.clone(), at_ease: HashSet::new() };
    let mut engine = Engine::new(process, Going::Attached(attached), observer);
    threads.into_iter().for_each(|thread| engine.adopt(thread));
    match engine.follow().and_then(|()| engine.leave()) {
        Ok(()) => Ok(engine.status),
        Err(TraceError::Lost(error)) => Err(TraceError::Left(error)),
        Err(error) => Err(error),
    }
}

/// What is only known of processes that ran before.
#[derive(Debug)]
pub(super) struct Attached {
    sentinel: Sentinel,
    /// The threads that have not stopped since they were told to.
    interrupted: HashSet<i32>,
    /// Those that do not stop before a call next: they are in one, or were let go for good.
    at_ease: HashSet<i32>,
}

/// A child of the tracer whose end is the sign to leave, as a thread in `wait` hears of nothing else. `None` once it ended.
#[derive(Debug)]
struct Sentinel(Option<i32>);

impl Sentinel {
    /// Starts one that ends when it can read a byte.
    fn start(go: &PipeReader) -> io::Result<Self> {
        sys::start_sentinel(go.as_fd()).map(|child| Self(Some(child)))
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        if let Some(child) = self.0.map(Pid::from_raw) {
            let _ = kill(child, Signal::SIGKILL);
            let _ = waitpid(child, None);
        }
    }
}

impl Attached {
    /// Whether this is the sentinel, which has ended.
    pub(super) fn has_ended(&mut self, child: i32) -> bool {
        self.sentinel.0.take_if(|sentinel| *sentinel == child).is_some()
    }

    /// Notes that a thread has stopped; whether it is for the first time.
    pub(super) fn has_stopped(&mut self, thread: i32) -> bool {
        self.interrupted.remove(&thread)
    }

    /// Notes that a thread is before or after a call.
    pub(super) fn is_at_call(&mut self, thread: i32, is_before: bool) {
        match is_before {
            true => self.at_ease.insert(thread),
            false => self.at_ease.remove(&thread),
        };
    }

    /// How a stopped thread goes on: to the next call or, once it is over, without another stop.
    pub(super) fn goes_on(&mut self, thread: i32) -> Request {
        if self.is_over() {
            self.at_ease.insert(thread);
            return Request::Continue;
        }
        Request::ToCall
    }

    pub(super) fn forget(&mut self, thread: i32) {
        self.interrupted.remove(&thread);
        self.at_ease.remove(&thread);
    }

    /// Whether the processes are to be left.
    pub(super) const fn is_over(&self) -> bool {
        self.sentinel.0.is_none()
    }

    /// Whether no call of a thread fails if its tracer ends now.
    pub(super) fn may_leave(&self, thread: i32) -> bool {
        let is_at_ease = self.at_ease.contains(&thread) && !self.interrupted.contains(&thread);
        // What is neither stopped nor gone is about to stop.
        is_at_ease || status_of(thread, "State:").is_none_or(|state| state.starts_with(['t', 'T', 'Z', 'X']))
    }
}

/// Traces all threads of a process, and stops them.
fn seize(process: i32) -> Result<HashSet<i32>, TraceError> {
    let refused = |reason| TraceError::NotAttached { process: process.unsigned_abs(), reason };
    let mut seized = HashSet::new();
    loop {
        let tasks =
            fs::read_dir(format!("/proc/{process}/task")).map_err(|_| refused(NotAttached::NoProcess))?;
        let names = tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok());
        let new: Vec<i32> = names.filter(|thread| !seized.contains(thread)).collect();
        if new.is_empty() {
            return Ok(seized);
        }
        for thread in new {
            match sys::control(Request::Seize, thread, OPTIONS) {
                // What a traced thread starts is traced already, and a thread may have ended.
                Err(_) if !seized.is_empty() && thread != process && is_ours_or_gone(thread) => {}
                Err(error) => return Err(refused(why_not(process, error))),
                Ok(()) => {
                    let _ = sys::control(Request::Interrupt, thread, 0);
                }
            }
            seized.insert(thread);
        }
    }
}

fn is_ours_or_gone(thread: i32) -> bool {
    let tracer = status_of(thread, "TracerPid:");
    tracer.is_none_or(|tracer| tracer == gettid().to_string())
        || status_of(thread, "State:").is_none_or(|state| state.starts_with(['Z', 'X']))
}

/// The process, if nothing speaks against it that can be seen beforehand.
fn attachable(process: u32) -> Result<i32, TraceError> {
    let refused = |reason| Err(TraceError::NotAttached { process, reason });
    let id = i32::try_from(process).unwrap_or_default();
    let number = |key| status_of(id, key).and_then(|number| number.parse::<u32>().ok());
    let Some(group) = number("Tgid:") else { return refused(NotAttached::NoProcess) };
    if group != process {
        return refused(NotAttached::Thread(group));
    }
    if process == std::process::id() {
        return refused(NotAttached::Itself);
    }
    if status_of(id, "State:").is_some_and(|state| state.starts_with(['Z', 'X'])) {
        return refused(NotAttached::Zombie);
    }
    match number("TracerPid:") {
        Some(tracer) if tracer != 0 => refused(NotAttached::Traced(tracer)),
        _ => Ok(id),
    }
}

/// Why the kernel does not let this process trace another.
fn why_not(process: i32, error: io::Error) -> NotAttached {
    if error.raw_os_error() == Some(libc::ESRCH) {
        return NotAttached::NoProcess;
    }
    let user = status_of(process, "Uid:").and_then(|users| users.split_whitespace().next()?.parse().ok());
    let own = nix::unistd::getuid();
    if !own.is_root() && user != Some(own.as_raw()) {
        return NotAttached::OtherUser;
    }
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    match scope.trim().parse() {
        Ok(scope) if scope > 0 => NotAttached::Yama(scope),
        _ => NotAttached::Refused(error),
    }
}
