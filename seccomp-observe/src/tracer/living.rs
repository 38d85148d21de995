//! The processes that are traced, and how their end is asked for: by a time limit, or by a signal to the tracer.

use std::collections::BTreeMap;
use std::io::{self, PipeWriter};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::{Cut, sys};

/// How long processes have to end when they are asked to.
const GRACE: Duration = Duration::from_secs(5);

/// How often those are killed that have started since.
const AGAIN: Duration = Duration::from_millis(50);

/// The traced processes that are alive, shared with the thread that may end them.
#[derive(Debug, Clone, Default)]
pub(super) struct Living(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    processes: BTreeMap<i32, OwnedFd>,
    cut: Option<Cut>,
}

impl Living {
    pub(super) fn add(&self, process: i32) {
        // Without a descriptor, it ends with the tracer at the latest.
        if let Ok(descriptor) = sys::process_descriptor(process) {
            self.lock().processes.insert(process, descriptor);
        }
    }

    pub(super) fn remove(&self, process: i32) {
        self.lock().processes.remove(&process);
    }

    pub(super) fn cut(&self) -> Option<Cut> {
        self.lock().cut
    }

    /// Sends all of them a signal.
    pub(super) fn send(&self, signal: Signal) {
        for process in self.lock().processes.values() {
            let _ = sys::send(process, signal as i32);
        }
    }

    fn ask(&self, cut: Cut) {
        self.lock().cut.get_or_insert(cut);
        self.send(Signal::SIGTERM);
        // What is stopped would not hear of it.
        self.send(Signal::SIGCONT);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The signals to this process while a command is traced: those of the terminal are for the command, which gets them,
/// too, and those that ask for an end are passed on by a thread of their own.
#[derive(Debug)]
pub(super) struct Signals {
    /// What was blocked before.
    mask: SigSet,
}

/// Passes on what asks for an end, until it is dropped.
#[derive(Debug)]
pub(super) struct Watchman {
    done: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Signals {
    /// Holds them back for this thread, and those that it starts.
    pub(super) fn hold() -> io::Result<Self> {
        let mask = SigSet::thread_get_mask()?;
        set_of(&[&ENDING[..], &TERMINAL[..], &STOPPING[..]].concat()).thread_block()?;
        Ok(Self { mask })
    }

    /// Waits until the other end of a pipe is closed, it is time, or a signal asks for an end, among them Ctrl-C.
    pub(super) fn wait(&self, closed: impl AsFd, deadline: Option<Instant>) -> io::Result<()> {
        let signals = held()?;
        loop {
            let descriptors =
                &mut [signals.as_fd(), closed.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
            match poll(descriptors, remaining(deadline)) {
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                Ok(count) if count > 0 => return Ok(()),
                Ok(_) if deadline.is_some_and(|deadline| deadline <= Instant::now()) => return Ok(()),
                Ok(_) => {}
            }
        }
    }

    /// What was blocked before.
    pub(super) const fn mask(&self) -> SigSet {
        self.mask
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        // A Ctrl-C that ended the command is not to end this process as well.
        if let Ok(signals) = held() {
            while let Ok(Some(_)) = signals.read_signal() {}
        }
        let _ = self.mask.thread_set_mask();
    }
}

const ENDING: [Signal; 2] = [Signal::SIGTERM, Signal::SIGHUP];
const TERMINAL: [Signal; 2] = [Signal::SIGINT, Signal::SIGQUIT];
/// These stop the job. This process stops once the command has, see [`stop_with_the_job`].
const STOPPING: [Signal; 3] = [Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];

fn set_of(signals: &[Signal]) -> SigSet {
    signals.iter().copied().collect()
}

/// The signals that are read here instead of being delivered.
fn held() -> io::Result<SignalFd> {
    let signals = set_of(&[ENDING, TERMINAL].concat());
    Ok(SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?)
}

/// Stops this process if the terminal has asked the whole job to stop, so that the shell sees all of it stopped.
pub(super) fn stop_with_the_job() {
    if sys::is_pending(&set_of(&STOPPING)) {
        let _ = nix::sys::signal::kill(nix::unistd::Pid::this(), Signal::SIGSTOP);
    }
}

impl Watchman {
    /// Starts to watch for signals, and for the end of the time limit.
    pub(super) fn start(living: &Living, limit: Option<Duration>) -> io::Result<Self> {
        let signals = held()?;
        let (stop, done) = io::pipe()?;
        let living = living.clone();
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let thread = std::thread::Builder::new().name("watchman".to_owned());
        let thread = thread.spawn(move || watch(&living, &signals, stop, deadline))?;
        Ok(Self { done: Some(done), thread: Some(thread) })
    }
}

impl Drop for Watchman {
    fn drop(&mut self) {
        self.done.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Asks for the end when it is time, and forces it when that was in vain.
fn watch(living: &Living, signals: &SignalFd, stop: impl AsFd, mut deadline: Option<Instant>) {
    loop {
        let descriptors = &mut [signals.as_fd(), stop.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
        match poll(descriptors, remaining(deadline)) {
            Err(Errno::EINTR) => continue,
            Err(_) => return,
            Ok(_) => {}
        }
        if descriptors[1].any() != Some(false) {
            return;
        }
        let asked = std::iter::from_fn(|| signals.read_signal().ok().flatten());
        let asks = asked.filter(|signal| is_ending(signal.ssi_signo)).count();
        let is_late = deadline.is_some_and(|deadline| deadline <= Instant::now());
        if asks == 0 && !is_late {
            continue;
        }
        if living.cut().is_some() {
            living.send(Signal::SIGKILL);
            deadline = Some(Instant::now() + AGAIN);
        } else {
            living.ask(if asks == 0 { Cut::TimeLimit } else { Cut::Terminated });
            deadline = Some(Instant::now() + GRACE);
        }
    }
}

fn is_ending(number: u32) -> bool {
    ENDING.iter().any(|signal| u32::try_from(*signal as i32) == Ok(number))
}

/// The time until then, rounded up.
fn remaining(deadline: Option<Instant>) -> PollTimeout {
    let Some(deadline) = deadline else { return PollTimeout::NONE };
    let remaining = deadline.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
    PollTimeout::try_from(remaining).unwrap_or(PollTimeout::MAX)
}
