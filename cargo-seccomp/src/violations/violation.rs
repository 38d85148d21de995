//! A violation: what a SECCOMP record says, decoded as far as it goes.

use core::fmt;
use std::time::{Duration, SystemTime};

use seccomp_compiler::{Architecture, Verdict};

/// What the kernel wrote about one call that a filter did not simply allow. Each part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Violation {
    pub(crate) time: Option<Time>,
    /// The kernel's number for the event.
    pub(crate) serial: Option<u64>,
    /// The host, where auditd names it.
    pub(crate) node: Option<String>,
    /// Who logged in; none for services.
    pub(crate) login: Option<Identity>,
    pub(crate) user: Option<Identity>,
    pub(crate) group: Option<Identity>,
    pub(crate) session: Option<u32>,
    /// The security context, as SELinux and AppArmor have it.
    pub(crate) subject: Option<String>,
    pub(crate) pid: Option<u32>,
    /// The name of the thread.
    pub(crate) name: Option<String>,
    pub(crate) executable: Option<String>,
    pub(crate) signal: Option<u32>,
    /// The audit value of the ABI that the call came in through.
    pub(crate) arch: Option<u32>,
    /// The ABI, where it is known.
    pub(crate) architecture: Option<&'static Architecture>,
    pub(crate) number: Option<u32>,
    /// The call's name: the table's, or else the record's own.
    pub(crate) call: Option<String>,
    /// Whether the ABI is not the kernel's first.
    pub(crate) compat: Option<u32>,
    /// The instruction pointer.
    pub(crate) pointer: Option<u64>,
    pub(crate) action: Option<Action>,
}

/// A user or group by number, with its name where the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) id: u32,
    pub(crate) name: Option<String>,
}

/// Milliseconds since 1970, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(u64);

impl Time {
    /// None after the year 9999, which no clock shows and RFC 3339 cannot write.
    pub(crate) fn new(seconds: u64, milliseconds: u64) -> Option<Self> {
        const YEAR_10000: u64 = 253_402_300_800;
        // Lazily: the product of greater ones does not fit.
        (seconds < YEAR_10000 && milliseconds < 1000).then(|| Self(seconds * 1000 + milliseconds))
    }

    fn system(self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0)
    }

    /// As `2026-11-22T10:00:00.802Z`.
    pub(crate) fn precise(self) -> String {
        humantime::format_rfc3339_millis(self.system()).to_string()
    }
}

/// As `2026-11-22T10:00:00Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", humantime::format_rfc3339_seconds(self.system()))
    }
}

/// What became of the call: what the filter returned, of which the kernel records the action without its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Action(u32);

impl Action {
    /// The action with this `code=`.
    pub(crate) const fn from_code(code: u32) -> Self {
        Self(code)
    }

    /// `code=` as it was.
    pub(crate) const fn code(self) -> u32 {
        self.0
    }

    /// What the kernel makes of it.
    pub(crate) const fn verdict(self) -> Verdict {
        Verdict::from_return_value(self.0)
    }

    /// Whether a filter that answers `verdict` leaves this action in the record: data does not count.
    pub(crate) fn is_of(self, verdict: Verdict) -> bool {
        core::mem::discriminant(&self.verdict()) == core::mem::discriminant(&verdict)
    }
}

/// Its name in a policy. The kernel leaves data out, so that `errno` says nothing of the error; where there is some
/// it is shown.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = self.verdict().to_string();
        match verdict.strip_suffix("(0)") {
            Some(bare) => f.write_str(bare),
            None => f.write_str(&verdict),
        }
    }
}

impl Violation {
    /// What keeps it from being understood: it must say what was called and what became of it, and all else is
    /// ornament.
    pub(crate) fn gap(&self) -> Option<&'static str> {
        let named = self.number.is_some() || self.call.is_some();
        match (self.architecture, self.action) {
            _ if !named => Some("`syscall` is missing or no number"),
            (None, _) if self.arch.is_none() => Some("`arch` is missing or no number"),
            (None, _) => Some("`arch` is of no architecture that is known here"),
            (_, None) => Some("`code` is missing or no number"),
            _ => None,
        }
    }

    /// The call's name, or its number.
    pub(crate) fn call(&self) -> Option<String> {
        self.call.clone().or_else(|| self.number.map(|number| number.to_string()))
    }

    /// The architecture's name, or its audit value.
    pub(crate) fn arch(&self) -> Option<String> {
        let value = || self.arch.map(|arch| format!("{arch:#010x}"));
        self.architecture.map(|architecture| architecture.name().to_owned()).or_else(value)
    }

    /// The signal's name where it is one that a filter can cause, or its number.
    pub(crate) fn signal(&self) -> Option<String> {
        let mips = self.architecture.is_some_and(|architecture| architecture.name().starts_with("mips"));
        self.signal.map(|signal| match signal {
            9 => "SIGKILL".to_owned(),
            12 if mips => "SIGSYS".to_owned(),
            31 if !mips => "SIGSYS".to_owned(),
            other => other.to_string(),
        })
    }

    /// The program: the executable, or the name of the thread.
    pub(crate) fn program(&self) -> Option<&str> {
        self.executable.as_deref().or(self.name.as_deref())
    }
}
