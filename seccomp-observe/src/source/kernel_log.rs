//! The kernel log, one record at a time from `/dev/kmsg`.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use nix::errno::Errno;
use nix::fcntl::OFlag;

use super::wait::{Wait, Woken};
use crate::event::{Event, Extent, Line};

const PATH: &str = "/dev/kmsg";

/// Over the kernel's own limit on a record (`PRINTKRB_RECORD_MAX`), escapes included.
const BUFFER: usize = 32 << 10;

#[derive(Debug)]
pub(super) struct KernelLog {
    device: File,
    buffer: Box<[u8]>,
    text: Vec<u8>,
    /// How to wait at the end of the log; `None` to stop there.
    wait: Option<Wait>,
}

impl KernelLog {
    /// Opens it at its beginning, to be read to its end, or at its end, to be followed.
    pub(super) fn open(extent: Extent) -> io::Result<Self> {
        let mut device = OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(PATH)?;
        let wait = match extent {
            Extent::Past => None,
            Extent::Live => {
                device.seek(SeekFrom::End(0))?;
                Some(Wait::new()?)
            }
        };
        Ok(Self { device, buffer: vec![0; BUFFER].into(), text: Vec::new(), wait })
    }

    pub(super) fn next_event(&mut self) -> io::Result<Event<'_>> {
        loop {
            if let Some(wait) = &mut self.wait
                && wait.is_interrupted()?
            {
                return Ok(Event::Interrupted);
            }
            match self.device.read(&mut self.buffer) {
                Ok(read) => {
                    unescape(message(&self.buffer[..read]), &mut self.text);
                    return Ok(Event::Line(Line { bytes: &self.text, is_cut: false }));
                }
                Err(error) => match error.raw_os_error().map(Errno::from_raw) {
                    Some(Errno::EAGAIN) => {
                        let Some(wait) = &mut self.wait else { return Ok(Event::End) };
                        match wait.until_readable(self.device.as_fd())? {
                            Woken::Idle => return Ok(Event::Idle),
                            Woken::Readable => {}
                            Woken::Stopped => return Ok(Event::End),
                        }
                    }
                    // Records were overwritten before they were read.
                    Some(Errno::EPIPE) => return Ok(Event::Overrun),
                    Some(Errno::EINTR) => {}
                    _ => return Err(error),
                },
            }
        }
    }
}

/// The message in `priority,sequence,time,flags;message`, without the property lines that may follow it.
fn message(record: &[u8]) -> &[u8] {
    let text = record.iter().position(|byte| *byte == b';').map_or(record, |end| &record[end + 1..]);
    text.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// Decodes `\x5c` and the like: the device escapes backslashes and everything that is not printable ASCII.
fn unescape(escaped: &[u8], text: &mut Vec<u8>) {
    text.clear();
    let mut rest = escaped;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.strip_prefix(b"x").and_then(|digits| digits.get(..2));
        let digits = digits.filter(|_| *first == b'\\').and_then(|digits| str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                text.push(byte);
                rest = &after[3..];
            }
            None => {
                text.push(*first);
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{message, unescape};

    #[test]
    fn messages_are_unescaped() {
        let record = b"5,812,3456789,-;audit: exe=\"/a\\x5cb\" \\xzz \\x1d\n SUBSYSTEM=none\n";
        let mut text = Vec::new();
        unescape(message(record), &mut text);
        assert_eq!(text, b"audit: exe=\"/a\\b\" \\xzz \x1d");
    }
}
