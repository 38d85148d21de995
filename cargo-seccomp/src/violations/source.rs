//! Where records come from: which source it is, and what it gives, one event after another.

use core::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::lines::{Line, Lines};
use super::live;

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    Auto,
    /// The audit multicast group.
    Audit,
    /// The kernel log.
    Kmsg,
    /// The logs of auditd.
    Log,
    File(PathBuf),
    StandardInput,
}

/// Whether to read what there is, or what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Past,
    Live,
}

/// A source that was opened.
pub(crate) struct Source {
    /// What it is, in words.
    pub(crate) name: String,
    /// Why it is not a better one, or is none here.
    pub(crate) note: Option<String>,
    /// Whether the records are of this machine, so that it knows the names of their users.
    pub(crate) is_local: bool,
    /// Whether the kernel's serial numbers arrive without gaps unless something was lost.
    pub(crate) is_gapless: bool,
    from: From,
}

enum From {
    Text(Lines<Box<dyn Read>>),
    Live(live::Live),
}

/// What a source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// A line of a log.
    Line(Line<'a>),
    /// An audit message of this type.
    Message {
        kind: u16,
        text: &'a [u8],
    },
    /// Something was lost, as it was not read in time.
    Overrun,
    /// There is nothing to read for now.
    Idle,
    End,
    /// The user wants no more, though there is.
    Broken,
}

/// Why there is no source.
#[derive(Debug)]
pub(crate) enum Unavailable {
    /// The multicast group was asked for what was.
    NoPast,
    /// A file was to be followed.
    NotLive,
    /// The kernel refuses the multicast group.
    Audit(io::Error),
    /// The kernel refuses its log.
    Kmsg(io::Error),
    /// Nothing of what `auto` tries can be read.
    Nothing { first: Box<Self>, second: Box<Self> },
    /// A file cannot be read.
    File(PathBuf, io::Error),
}

const AUDIT_LOG: &str = "/var/log/audit/audit.log";

/// Opens the source that was chosen, or the best that there is.
pub(crate) fn open(choice: &Choice, extent: Extent) -> Result<Source, Unavailable> {
    match (choice, extent) {
        (Choice::Audit, Extent::Live) => audit(),
        (Choice::Audit, Extent::Past) => Err(Unavailable::NoPast),
        (Choice::Kmsg, _) => kmsg(extent),
        (Choice::Log | Choice::File(_), Extent::Live) => Err(Unavailable::NotLive),
        (Choice::Log, Extent::Past) => log(),
        (Choice::File(path), Extent::Past) => file(path),
        (Choice::StandardInput, _) => Ok(Source::text("standard input".to_owned(), Box::new(io::stdin()))),
        (Choice::Auto, _) => auto(extent),
    }
}

/// Live, the multicast group is best: the kernel log leaves records out. Of what was, the logs of auditd are: where
/// it runs nothing goes to the kernel log.
fn auto(extent: Extent) -> Result<Source, Unavailable> {
    let best = match extent {
        Extent::Live => audit(),
        Extent::Past => log(),
    };
    best.or_else(|first| match kmsg(extent) {
        Ok(source) => Ok(Source { note: first.note(), ..source }),
        Err(second) => Err(Unavailable::Nothing { first: Box::new(first), second: Box::new(second) }),
    })
}

fn audit() -> Result<Source, Unavailable> {
    let from = live::Live::audit().map_err(Unavailable::Audit)?;
    let note = "the kernel sends audit records to its first network namespace alone, and this is another: run it there";
    let note = from.is_elsewhere().then(|| note.to_owned());
    Ok(Source { note, ..Source::live("the audit multicast group", from) })
}

fn kmsg(extent: Extent) -> Result<Source, Unavailable> {
    let from = live::Live::kmsg(extent).map_err(Unavailable::Kmsg)?;
    Ok(Source::live("the kernel log, /dev/kmsg", from))
}

/// The log that auditd writes, and before it those that it has put aside, the oldest first.
fn log() -> Result<Source, Unavailable> {
    let failure = |error| Unavailable::File(AUDIT_LOG.into(), error);
    let newest = File::open(AUDIT_LOG).map_err(failure)?;
    let older = (1..).map_while(|number| File::open(format!("{AUDIT_LOG}.{number}")).ok());
    let older: Vec<File> = older.collect();
    let name = match older.len() {
        0 => AUDIT_LOG.to_owned(),
        more => format!("{AUDIT_LOG} and {more} older"),
    };
    let all = older
        .into_iter()
        .rev()
        .fold(Box::new(io::empty()) as Box<dyn Read>, |all, one| Box::new(all.chain(one)));
    Ok(Source { is_local: true, ..Source::text(name, Box::new(all.chain(newest))) })
}

fn file(path: &Path) -> Result<Source, Unavailable> {
    let file = File::open(path).map_err(|error| Unavailable::File(path.to_owned(), error))?;
    Ok(Source::text(format!("`{}`", path.display()), Box::new(file)))
}

impl Source {
    fn text(name: String, from: Box<dyn Read>) -> Self {
        let from = From::Text(Lines::of(from));
        Self { name, note: None, is_local: false, is_gapless: false, from }
    }

    fn live(name: &str, from: live::Live) -> Self {
        Self { name: name.to_owned(), note: None, is_local: true, is_gapless: true, from: From::Live(from) }
    }

    pub(crate) fn next(&mut self) -> io::Result<Event<'_>> {
        match &mut self.from {
            From::Text(lines) => Ok(lines.next()?.map_or(Event::End, Event::Line)),
            From::Live(live) => live.next(),
        }
    }
}

impl Unavailable {
    /// Why something else is read; that this machine has no audit log needs no word.
    fn note(&self) -> Option<String> {
        match self {
            Self::File(_, error) if error.kind() == io::ErrorKind::NotFound => None,
            other => Some(other.to_string()),
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let denied = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        match self {
            Self::NoPast => f.write_str(
                "the audit multicast group has only what comes: add `--follow`, or choose another source",
            ),
            Self::NotLive => f.write_str(
                "a file is not followed: `tail -F FILE | cargo seccomp violations --follow --source -`",
            ),
            Self::Audit(error) if denied(error) => f.write_str(
                "to read audit records live takes CAP_AUDIT_READ, which root has: use sudo, or give it to the \
                 binary with `setcap cap_audit_read+ep`",
            ),
            Self::Audit(error) => write!(f, "the audit multicast group cannot be joined: {error}"),
            Self::Kmsg(error) if denied(error) => f.write_str(
                "to read the kernel log takes CAP_SYSLOG where `kernel.dmesg_restrict` is 1: use sudo",
            ),
            Self::Kmsg(error) => write!(f, "the kernel log cannot be read: {error}"),
            Self::Nothing { first, second } => {
                write!(f, "no records can be read here: {first}; {second}; or name a file with `--source`")
            }
            Self::File(path, error) => write!(f, "cannot read `{}`: {error}", path.display()),
        }
    }
}
