//! Waits for more to read, until the user asks to stop.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// A wait that a signal ends.
#[derive(Debug)]
pub(super) struct Wait {
    signals: SignalFd,
    /// Whether the caller was told that there is nothing to read.
    is_idle: bool,
    /// Reads since the signals were last looked at.
    reads: u32,
    /// How often the user asked to stop.
    stops: u32,
}

/// While there is something to read, signals are looked at once in this many reads.
const READS_BETWEEN_LOOKS: u32 = 256;

/// How long a wait goes on unannounced: what is shown late must not stay hidden.
const SECOND: u16 = 1000;

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// Nothing to read yet; flush before blocking.
    Idle,
    /// There may be something to read.
    Readable,
    /// The user, or the system, asked to stop.
    Stopped,
}

impl Wait {
    /// From here on Ctrl-C ends a wait, not the process.
    pub(super) fn new() -> io::Result<Self> {
        let mut stops = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            stops.add(signal);
        }
        stops.thread_block()?;
        let signals = SignalFd::with_flags(&stops, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        Ok(Self { signals, is_idle: false, reads: 0, stops: 0 })
    }

    /// Waits until there is something to read; a wait is announced before it begins, and every second.
    pub(super) fn until_readable(&mut self, fd: BorrowedFd<'_>) -> io::Result<Woken> {
        if self.is_stopped()? {
            return Ok(Woken::Stopped);
        }
        self.is_idle = !self.is_idle;
        if self.is_idle {
            return Ok(Woken::Idle);
        }
        loop {
            let wait = |fd| PollFd::new(fd, PollFlags::POLLIN);
            match poll(&mut [wait(fd), wait(self.signals.as_fd())], SECOND) {
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                Ok(0) => return Ok(Woken::Idle),
                // What arrived before the signal is still read.
                Ok(_) => return Ok(Woken::Readable),
            }
        }
    }

    /// Whether the user asked to stop twice, and so does not want what is left; called before each read.
    pub(super) fn is_interrupted(&mut self) -> io::Result<bool> {
        self.reads = (self.reads + 1) % READS_BETWEEN_LOOKS;
        Ok(self.reads == 0 && self.is_stopped()? && self.stops > 1)
    }

    fn is_stopped(&mut self) -> io::Result<bool> {
        self.stops += u32::from(self.signals.read_signal()?.is_some());
        Ok(self.stops > 0)
    }
}
