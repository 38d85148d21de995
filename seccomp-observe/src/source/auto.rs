//! Which of this machine's sources is best.

use super::{Live, Note, Source, Unavailable, audit, audit_log, kmsg, log};
use crate::event::{Event, Extent};
use crate::record::{Time, decode, records};

/// For live records the multicast group is best, because the kernel log drops records. For past ones auditd's logs are,
/// as long as auditd runs: nothing reaches the kernel log then.
pub(super) fn open(extent: Extent) -> Result<Source, Unavailable> {
    let best = match extent {
        Extent::Live => audit(),
        Extent::Past => fresh_log(),
    };
    best.or_else(|first| match kmsg(extent) {
        // That this machine has no audit log is not worth a note.
        Ok(source) if first.is_missing() => Ok(source),
        Ok(source) => Ok(Source { note: Some(Note::Instead(first)), ..source }),
        Err(second) => Err(Unavailable::Nothing { first: Box::new(first), second: Box::new(second) }),
    })
}

/// The logs of auditd, unless the kernel log has newer records.
fn fresh_log() -> Result<Source, Unavailable> {
    let logs = log()?;
    let newest = audit_log::newest().ok().flatten();
    match (newest, newest_in_kernel_log()) {
        (log, Some(kernel)) if log.is_none_or(|log| log < kernel) => {
            let source = kmsg(Extent::Past)?;
            let note = log.map(|log| Note::Stale { log, kernel });
            Ok(Source { note, ..source })
        }
        _ => Ok(logs),
    }
}

/// The time of the newest violation in the kernel log, if it can be read and has one.
fn newest_in_kernel_log() -> Option<Time> {
    let mut log = Live::kmsg(Extent::Past).ok()?;
    let mut newest = None;
    loop {
        match log.next_event().ok()? {
            Event::Line(line) => {
                let times = records(line.bytes).filter_map(|record| decode(&record).time);
                newest = newest.max(times.max());
            }
            Event::End => return newest,
            _ => {}
        }
    }
}
