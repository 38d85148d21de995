//! The log that auditd writes, preceded by the ones that it rotated.

use std::fs::File;
use std::io::{self, Read};

pub(super) const PATH: &str = "/var/log/audit/audit.log";

/// All logs as one text, the oldest first, with a name for it.
pub(super) fn open() -> io::Result<(String, Box<dyn Read + Send>)> {
    let newest = File::open(PATH)?;
    let older: Vec<File> = (1..).map_while(|number| File::open(format!("{PATH}.{number}")).ok()).collect();
    let name = match older.len() {
        0 => PATH.to_owned(),
        count => format!("{PATH} and {count} older"),
    };
    let nothing: Box<dyn Read + Send> = Box::new(io::empty());
    let log = older.into_iter().rev().chain([newest]).fold(nothing, |log, next| Box::new(log.chain(next)));
    Ok((name, log))
}
