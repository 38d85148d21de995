//! Where records come from: the kernel itself, auditd's logs, or any text.

mod audit_log;
#[cfg(target_os = "linux")]
mod audit_socket;
#[cfg(target_os = "linux")]
mod kernel_log;
mod lines;
mod live;
#[cfg(target_os = "linux")]
mod wait;

use core::fmt;
use std::error::Error;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use seccomp_compiler::visible;

use crate::event::{Event, Extent};
use crate::reason::reason;
use lines::Lines;
use live::Live;

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
    /// A file.
    File(PathBuf),
    /// Standard input.
    StandardInput,
}

/// `auto`, `audit`, `kmsg`, `log`, `-` for standard input, or the path of a file.
impl From<OsString> for Choice {
    fn from(name: OsString) -> Self {
        match name.to_str() {
            Some("auto") => Self::Auto,
            Some("audit") => Self::Audit,
            Some("kmsg") => Self::Kmsg,
            Some("log") => Self::Log,
            Some("-") => Self::StandardInput,
            _ => Self::File(name.into()),
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
    Text(Lines<Box<dyn Read + Send>>),
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
        (Choice::Log | Choice::File(_), Extent::Live) => Err(Unavailable::NotLive),
        (Choice::Log, Extent::Past) => log(),
        (Choice::File(path), Extent::Past) => file(path),
        (Choice::StandardInput, _) => Ok(Source { extent, ..Source::text("standard input", io::stdin()) }),
        (Choice::Auto, _) => auto(extent),
    }
}

/// For live records the multicast group is best, because the kernel log drops records. For past ones auditd's logs are:
/// where auditd runs, nothing reaches the kernel log.
fn auto(extent: Extent) -> Result<Source, Unavailable> {
    let best = match extent {
        Extent::Live => audit(),
        Extent::Past => log(),
    };
    best.or_else(|first| match kmsg(extent) {
        // That this machine has no audit log is not worth a note.
        Ok(source) if first.is_missing() => Ok(source),
        Ok(source) => Ok(Source { note: Some(Note::Instead(first)), ..source }),
        Err(second) => Err(Unavailable::Nothing { first: Box::new(first), second: Box::new(second) }),
    })
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
    let (name, reader) =
        audit_log::open().map_err(|error| Unavailable::File(audit_log::PATH.into(), error))?;
    Ok(Source { is_local: true, ..Source::text(name, reader) })
}

fn file(path: &Path) -> Result<Source, Unavailable> {
    let file = File::open(path).map_err(|error| Unavailable::File(path.to_owned(), error))?;
    Ok(Source::text(format!("`{}`", path.display()), file))
}

impl Source {
    /// A log that is read from anywhere. Messages call it by this name.
    pub fn text(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        let reader = Reader::Text(Lines::new(Box::new(reader)));
        Self { name: name.into(), note: None, extent: Extent::Past, is_local: false, reader }
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
        match &mut self.reader {
            Reader::Text(lines) => Ok(lines.next_line()?.map_or(Event::End, Event::Line)),
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
            ("-", Choice::StandardInput),
            ("./log", Choice::File("./log".into())),
        ] {
            assert_eq!(Choice::from(std::ffi::OsString::from(name)), choice);
        }
    }
}
