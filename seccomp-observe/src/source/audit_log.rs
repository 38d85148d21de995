//! The log that auditd writes, preceded by the ones that it rotated.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::compressed::Input;
use crate::record::Time;

pub(super) const PATH: &str = "/var/log/audit/audit.log";

/// What rotated logs may be compressed to.
const ENDINGS: [&str; 4] = ["", ".gz", ".xz", ".zst"];

/// How much of the end of a log has its last record.
const TAIL: u64 = 64 << 10;

/// All logs, the oldest first, with a name for them.
pub(super) fn open() -> io::Result<(String, Vec<Input>)> {
    let newest = File::open(PATH)?;
    let older =
        |number: u32| ENDINGS.iter().find_map(|ending| File::open(format!("{PATH}.{number}{ending}")).ok());
    let mut logs: Vec<File> = [newest].into_iter().chain((1..).map_while(older)).collect();
    logs.reverse();
    let name = match logs.len() - 1 {
        0 => PATH.to_owned(),
        count => format!("{PATH} and {count} older"),
    };
    Ok((name, logs.into_iter().map(|log| Box::new(log) as Input).collect()))
}

/// The time of the last record, of whatever type.
pub(super) fn newest() -> io::Result<Option<Time>> {
    let mut log = File::open(PATH)?;
    let length = log.seek(SeekFrom::End(0))?;
    log.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    log.take(TAIL).read_to_end(&mut tail)?;
    Ok(last_time(&tail))
}

fn last_time(log: &[u8]) -> Option<Time> {
    let stamps = memchr::memmem::rfind_iter(log, b"msg=audit(");
    stamps.into_iter().find_map(|start| {
        let stamp = &log[start + b"msg=audit(".len()..];
        let seconds = stamp.split(|byte| *byte == b':').next()?;
        Time::parse(str::from_utf8(seconds).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::last_time;

    #[test]
    fn the_last_time_of_a_log_is_found() {
        let log = b"type=A msg=audit(1.5:1): x\ntype=B msg=audit(7.25:2): x\ntype=C msg=audit(9.";
        assert_eq!(last_time(log).map(|time| time.precise()).as_deref(), Some("1970-01-01T00:00:07.250Z"));
        assert_eq!(last_time(b"nothing"), None);
    }
}
