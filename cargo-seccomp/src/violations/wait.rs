//! Waits for more to read, until the user wants no more.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// The wish to stop, as something to wait for.
pub(crate) struct Wait {
    signals: SignalFd,
    /// Whether it was said that there is nothing to read.
    idle: bool,
    /// How often there was something.
    busy: u32,
    /// How often the user asked to stop.
    stops: u32,
}

/// How often there is something to read before the wish to stop is looked for.
const PATIENCE: u32 = 256;

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// It has not begun: there is nothing to read, and time to show what was.
    Nothing,
    /// There is something to read.
    Readable,
    /// The user, or the system, asked to stop.
    Stopped,
}

impl Wait {
    /// From here on Ctrl-C ends a wait, not the process.
    pub(crate) fn new() -> io::Result<Self> {
        let mut stops = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            stops.add(signal);
        }
        stops.thread_block()?;
        let signals = SignalFd::with_flags(&stops, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        Ok(Self { signals, idle: false, busy: 0, stops: 0 })
    }

    /// Waits for something to read here, where there is nothing. Each wait is announced once.
    pub(crate) fn until_readable(&mut self, from: BorrowedFd<'_>) -> io::Result<Woken> {
        if self.is_stopped()? {
            return Ok(Woken::Stopped);
        }
        self.idle = !self.idle;
        if self.idle {
            return Ok(Woken::Nothing);
        }
        loop {
            let wait = |fd| PollFd::new(fd, PollFlags::POLLIN);
            match poll(&mut [wait(from), wait(self.signals.as_fd())], PollTimeout::NONE) {
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                // What came before the wish to stop is still read.
                Ok(_) => return Ok(Woken::Readable),
            }
        }
    }

    /// Whether to stop though there is more to read, as the user asked for it twice; asked before each.
    pub(crate) fn ends_rush(&mut self) -> io::Result<bool> {
        self.busy = (self.busy + 1) % PATIENCE;
        Ok(self.busy == 0 && self.is_stopped()? && self.stops > 1)
    }

    fn is_stopped(&mut self) -> io::Result<bool> {
        self.stops += u32::from(self.signals.read_signal()?.is_some());
        Ok(self.stops > 0)
    }
}
