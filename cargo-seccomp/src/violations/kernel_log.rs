//! The kernel's own log, record by record from `/dev/kmsg`.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use nix::errno::Errno;
use nix::fcntl::OFlag;

use super::lines::Line;
use super::source::{Event, Extent};
use super::wait::{Wait, Woken};

const PATH: &str = "/dev/kmsg";

/// Over the kernel's own limit on a record (`PRINTKRB_RECORD_MAX`), escapes included.
const BUFFER: usize = 32 << 10;

pub(crate) struct KernelLog {
    device: File,
    buffer: Box<[u8]>,
    text: Vec<u8>,
    /// Whether to wait for more at the end.
    wait: Option<Wait>,
}

impl KernelLog {
    /// Opens it: at its beginning, to be read to its end, or at its end, to be followed.
    pub(crate) fn open(extent: Extent) -> io::Result<Self> {
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

    pub(crate) fn next(&mut self) -> io::Result<Event<'_>> {
        loop {
            if let Some(wait) = &mut self.wait
                && wait.ends_rush()?
            {
                return Ok(Event::Broken);
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
                            Woken::Nothing => return Ok(Event::Idle),
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

/// The message in `priority,sequence,time,flags;message`, without the lines of properties that may follow it.
fn message(record: &[u8]) -> &[u8] {
    let text = record.iter().position(|byte| *byte == b';').map_or(record, |at| &record[at + 1..]);
    text.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// The device writes what is no printable ASCII, and backslashes, as `\x5c`.
fn unescape(escaped: &[u8], into: &mut Vec<u8>) {
    into.clear();
    let mut rest = escaped;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.strip_prefix(b"x").and_then(|digits| digits.get(..2));
        let digits = digits.filter(|_| *first == b'\\').and_then(|digits| str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                into.push(byte);
                rest = &after[3..];
            }
            None => {
                into.push(*first);
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{message, unescape};

    #[test]
    fn messages_are_as_they_were_before_the_device_escaped_them() {
        let record = b"5,812,3456789,-;audit: exe=\"/a\\x5cb\" \\xzz \\x1d\n SUBSYSTEM=none\n";
        let mut text = Vec::new();
        unescape(message(record), &mut text);
        assert_eq!(text, b"audit: exe=\"/a\\b\" \\xzz \x1d");
    }
}
