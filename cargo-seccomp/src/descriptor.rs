//! What is behind standard output: nothing, or something that nobody reads any more.

use std::io::{self, Stdout, Write};

#[cfg(unix)]
pub(crate) use unix::is_closed;

/// In place of a standard output that is closed.
pub(crate) struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("it is closed, or `/dev/null` that can be read as well"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard output. To flush it fails if nobody reads it any more, even if there was nothing to write.
pub(crate) struct Watched(pub(crate) Stdout);

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        #[cfg(unix)]
        if unix::is_abandoned(&self.0) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }
}

/// Elsewhere, writing fails.
#[cfg(not(unix))]
pub(crate) fn is_closed(_: &Stdout) -> bool {
    false
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, File};
    use std::io::{Read, Stdout};
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    /// Whether the process was started without standard output. Rust's runtime, here or in cargo, has then opened
    /// `/dev/null` in its place, for reading and writing, while `>/dev/null` opens it for writing only.
    pub(crate) fn is_closed(stdout: &Stdout) -> bool {
        let device = |metadata: fs::Metadata| (metadata.dev(), metadata.ino(), metadata.rdev());
        let Ok(mut file) = stdout.as_fd().try_clone_to_owned().map(File::from) else { return true };
        let is_null = match (file.metadata(), fs::metadata("/dev/null")) {
            (Ok(file), Ok(null)) => device(file) == device(null),
            _ => false,
        };
        is_null && file.read(&mut [0]).is_ok()
    }

    /// Whether the other end of a pipe, a socket or a terminal is closed.
    pub(super) fn is_abandoned(stdout: &Stdout) -> bool {
        let mut watched = [PollFd::new(stdout.as_fd(), PollFlags::empty())];
        let polled = poll(&mut watched, PollTimeout::ZERO);
        let gone = PollFlags::POLLERR | PollFlags::POLLHUP;
        polled.is_ok() && watched[0].revents().is_some_and(|events| events.intersects(gone))
    }
}
