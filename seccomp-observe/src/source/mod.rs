//! Where records come from: the kernel itself, auditd's logs, or any text.

mod audit_log;
#[cfg(target_os = "linux")]
mod audit_socket;
mod auto;
mod compressed;
#[cfg(target_os = "linux")]
mod kernel_log;
mod lines;
mod live;
mod texts;
mod utf16;
#[cfg(target_os = "linux")]
mod wait;

use core::fmt;
use std::error::Error;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::event::{Event, Extent};
use crate::reason::reason;
use crate::record::{Form, Time};
use compressed::Input;
use live::Live;
use seccomp_compiler::visible;
use texts::Texts;

/// Which source to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Choice {
    /// The best one that can be read.
    #[default]
    Auto,
    /// The audit multicast group.
    Audit,
    /// The kernel log.
    Kmsg,
    /// The logs of auditd.
    Log,
    /// Files, one after the other; `-` is standard input.
    Files(Vec<PathBuf>),
}

/// `auto`, `audit`, `kmsg`, `log`, or the path of a file; `-` is standard input.
impl From<OsString> for Choice {
    fn from(name: OsString) -> Self {
        match name.to_str() {
            Some("auto") => Self::Auto,
            Some("audit") => Self::Audit,
            Some("kmsg") => Self::Kmsg,
            Some("log") => Self::Log,
            _ => Self::Files(vec![name.into()]),
        }
    }
}

/// A source of records, opened.
#[derive(Debug)]
pub struct Source {
    name: String,
    note: Option<Note>,
    extent: Extent,
    is_local: bool,
    reader: Reader,
}

enum Reader {
    Text(Texts),
    Live(Live),
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text"),
            Self::Live(live) => live.fmt(f),
        }
    }
}

/// Why a source may deliver less than the user expects.
#[derive(Debug)]
#[non_exhaustive]
pub enum Note {
    /// The audit multicast group was joined outside the first network namespace, the only one that the kernel sends
    /// its records to.
    OtherNetworkNamespace,
    /// A better source cannot be read.
    Instead(Unavailable),
    /// The log of auditd ends before the newest records of the kernel log, which is read instead.
    Stale {
        /// The time of the last record in the log.
        log: Time,
        /// The time of the newest record in the kernel log.
        kernel: Time,
    },
}

/// Why a source cannot be opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Unavailable {
    /// The audit multicast group has no past records.
    NoPast,
    /// A file is not followed.
    NotLive,
    /// The kernel refuses access to the multicast group.
    Audit(io::Error),
    /// The kernel refuses access to its log.
    Kmsg(io::Error),
    /// Neither of the sources that [`Choice::Auto`] tries can be read.
    Nothing {
        /// Why the better one cannot.
        first: Box<Self>,
        /// Why the other one cannot.
        second: Box<Self>,
    },
    /// A file cannot be read.
    File(PathBuf, io::Error),
}

/// Opens a source. A live source of the kernel's own blocks SIGINT, SIGTERM and SIGHUP on the current thread, and ends
/// when one arrives.
///
/// # Errors
///
/// When it cannot be read, or does not have this extent.
pub fn open(choice: &Choice, extent: Extent) -> Result<Source, Unavailable> {
    match (choice, extent) {
        (Choice::Audit, Extent::Live) => audit(),
        (Choice::Audit, Extent::Past) => Err(Unavailable::NoPast),
        (Choice::Kmsg, _) => kmsg(extent),
        (Choice::Log, Extent::Live) => Err(Unavailable::NotLive),
        (Choice::Log, Extent::Past) => log(),
        (Choice::Files(paths), _) => files(paths, extent),
        (Choice::Auto, _) => auto::open(extent),
    }
}

fn audit() -> Result<Source, Unavailable> {
    let socket = Live::audit().map_err(Unavailable::Audit)?;
    let note = socket.is_elsewhere().then_some(Note::OtherNetworkNamespace);
    Ok(Source { note, ..Source::live("the audit multicast group", Extent::Live, socket) })
}

fn kmsg(extent: Extent) -> Result<Source, Unavailable> {
    let log = Live::kmsg(extent).map_err(Unavailable::Kmsg)?;
    Ok(Source::live("the kernel log, /dev/kmsg", extent, log))
}

fn log() -> Result<Source, Unavailable> {
    let (name, inputs) =
        audit_log::open().map_err(|error| Unavailable::File(audit_log::PATH.into(), error))?;
    Ok(Source { is_local: true, ..Source::texts(name, inputs, Extent::Past) })
}

fn files(paths: &[PathBuf], extent: Extent) -> Result<Source, Unavailable> {
    let is_standard_input = |path: &PathBuf| path.as_os_str() == "-";
    if extent == Extent::Live && !(paths.len() == 1 && paths.iter().all(is_standard_input)) {
        return Err(Unavailable::NotLive);
    }
    let mut inputs: Vec<Input> = Vec::new();
    for (position, path) in paths.iter().enumerate() {
        if paths[..position].contains(path) {
            continue;
        }
        inputs.push(match is_standard_input(path) {
            true => Box::new(io::stdin()),
            false => Box::new(File::open(path).map_err(|error| Unavailable::File(path.clone(), error))?),
        });
    }
    let name = match paths {
        [path] if is_standard_input(path) => "standard input".to_owned(),
        [path] => format!("`{}`", path.display()),
        paths => format!("{} files", paths.len()),
    };
    Ok(Source::texts(name, inputs, extent))
}

impl Source {
    /// A log that is read from anywhere. Messages call it by this name.
    pub fn text(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self::texts(name, vec![Box::new(reader)], Extent::Past)
    }

    fn texts(name: impl Into<String>, inputs: Vec<Input>, extent: Extent) -> Self {
        let reader = Reader::Text(Texts::new(inputs));
        Self { name: name.into(), note: None, extent, is_local: false, reader }
    }

    fn live(name: &str, extent: Extent, live: Live) -> Self {
        Self { name: name.to_owned(), note: None, extent, is_local: true, reader: Reader::Live(live) }
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Why it may deliver less than the user expects.
    pub fn note(&self) -> Option<&Note> {
        self.note.as_ref()
    }

    /// Whether the records are of this machine, which then knows the names of their users.
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// Whether the kernel's serial numbers arrive without gaps unless a record was lost.
    pub fn is_gapless(&self) -> bool {
        matches!(self.reader, Reader::Live(_))
    }

    /// Whether records are read as they are written.
    pub(crate) fn is_live(&self) -> bool {
        self.extent == Extent::Live
    }

    /// What the input looks like, if it is something that is not read.
    pub(crate) fn form(&self) -> Option<Form> {
        match &self.reader {
            Reader::Text(texts) => texts.form(),
            Reader::Live(_) => None,
        }
    }

    /// Whether readers wait for each record: a pipe that is followed does not announce that it is idle.
    pub(crate) fn is_awaited(&self) -> bool {
        self.extent == Extent::Live && !self.is_gapless()
    }

    /// The next event, waiting for it if the source is live.
    ///
    /// # Errors
    ///
    /// When the source cannot be read.
    pub fn next_event(&mut self) -> io::Result<Event<'_>> {
        self.next(true)
    }

    /// The next event; of lines, unless all are wanted, only those that may matter.
    pub(crate) fn next(&mut self, all: bool) -> io::Result<Event<'_>> {
        match &mut self.reader {
            Reader::Text(texts) => texts.next(all),
            Reader::Live(live) => live.next_event(),
        }
    }
}

impl Unavailable {
    /// Whether there is simply no such file.
    fn is_missing(&self) -> bool {
        matches!(self, Self::File(_, error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl Error for Unavailable {}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let denied = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        match self {
            Self::NoPast => f.write_str("the audit multicast group has no past records"),
            Self::NotLive => f.write_str("files cannot be followed"),
            Self::Audit(error) if denied(error) => {
                f.write_str("reading live audit records requires CAP_AUDIT_READ, which root has")
            }
            Self::Audit(error) => {
                write!(f, "cannot join the audit multicast group: {}", reason(error))
            }
            Self::Kmsg(error) if denied(error) => f.write_str(
                "reading the kernel log requires CAP_SYSLOG, because `kernel.dmesg_restrict` is 1",
            ),
            Self::Kmsg(error) => write!(f, "cannot read the kernel log: {}", reason(error)),
            Self::Nothing { first, second } => write!(f, "no records can be read here: {first}; {second}"),
            Self::File(path, error) => {
                let path = path.display().to_string();
                write!(f, "cannot read `{}`: {}", visible(&path), reason(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn a_source_is_chosen_by_its_name_or_is_a_file() {
        for (name, choice) in [
            ("auto", Choice::Auto),
            ("audit", Choice::Audit),
            ("-", Choice::Files(vec!["-".into()])),
            ("./log", Choice::Files(vec!["./log".into()])),
        ] {
            assert_eq!(Choice::from(std::ffi::OsString::from(name)), choice);
        }
    }
}
