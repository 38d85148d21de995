//! A violation: what a record says, decoded as far as possible.

use core::fmt;
use std::time::{Duration, SystemTime};

use seccomp_compiler::{Architecture, Verdict};

/// What the kernel recorded about one system call. Any part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Violation {
    /// When the record was written.
    pub time: Option<Time>,
    /// The kernel's serial number of the event.
    pub serial: Option<u64>,
    /// The host, if auditd names it.
    pub node: Option<String>,
    /// The user who logged in; services have none.
    pub login: Option<Identity>,
    /// The effective user.
    pub user: Option<Identity>,
    /// The effective group.
    pub group: Option<Identity>,
    /// The login session.
    pub session: Option<u32>,
    /// The security context, as in SELinux and AppArmor.
    pub subject: Option<String>,
    /// The process ID, of the thread that made the call.
    pub pid: Option<u32>,
    /// The name of the thread.
    pub thread: Option<String>,
    /// The path of the executable.
    pub executable: Option<String>,
    /// The signal that the action caused; 0 for none.
    pub signal: Option<u32>,
    /// The audit architecture of the ABI that the call was made through.
    pub arch: Option<u32>,
    /// That ABI, if it is known.
    pub architecture: Option<&'static Architecture>,
    /// The number of the system call.
    pub number: Option<u32>,
    /// Its name: the compiler's, or else the record's.
    pub syscall: Option<String>,
    /// Whether the ABI is a compat ABI of the kernel.
    pub compat: Option<u32>,
    /// The instruction pointer.
    pub instruction_pointer: Option<u64>,
    /// What the filter answered.
    pub action: Option<Action>,
}

/// A user or group by its number, with its name if the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The number.
    pub id: u32,
    /// The name.
    pub name: Option<String>,
}

/// Milliseconds since 1970, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(u64);

impl Time {
    /// `None` from the year 10000 on, which RFC 3339 cannot express.
    pub fn new(seconds: u64, milliseconds: u64) -> Option<Self> {
        const YEAR_10000: u64 = 253_402_300_800;
        // Lazily, because the product of larger numbers overflows.
        (seconds < YEAR_10000 && milliseconds < 1000).then(|| Self(seconds * 1000 + milliseconds))
    }

    fn system(self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0)
    }

    /// With milliseconds: `2026-11-22T10:00:00.802Z`.
    pub fn precise(self) -> String {
        humantime::format_rfc3339_millis(self.system()).to_string()
    }
}

/// In seconds: `2026-11-22T10:00:00Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", humantime::format_rfc3339_seconds(self.system()))
    }
}

/// The return value of the filter as the kernel records it, which is the action without its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(u32);

impl Action {
    /// The action with this `code=`.
    pub const fn from_code(code: u32) -> Self {
        Self(code)
    }

    /// The number after `code=`.
    pub const fn code(self) -> u32 {
        self.0
    }

    /// What the kernel does for this return value.
    pub const fn verdict(self) -> Verdict {
        Verdict::from_return_value(self.0)
    }
}

/// The action's name in a policy. Since the kernel leaves out the data, a plain `errno` does not mean error 0.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = self.verdict().to_string();
        f.write_str(verdict.strip_suffix("(0)").unwrap_or(&verdict))
    }
}

/// What is missing from a record so that it cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap {
    /// The system call.
    Syscall,
    /// The audit architecture of the ABI.
    Arch,
    /// An ABI with this audit architecture.
    Architecture,
    /// The action.
    Code,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syscall => "`syscall` is missing or not a number",
            Self::Arch => "`arch` is missing or not a number",
            Self::Architecture => "`arch` is not the value of any known architecture",
            Self::Code => "`code` is missing or not a number",
        })
    }
}

impl Violation {
    /// What keeps the violation from being understood. It must say which call was made and what the filter answered;
    /// everything else is optional.
    pub fn gap(&self) -> Option<Gap> {
        match (self.architecture, self.action) {
            _ if self.number.is_none() && self.syscall.is_none() => Some(Gap::Syscall),
            (None, _) if self.arch.is_none() => Some(Gap::Arch),
            (None, _) => Some(Gap::Architecture),
            (_, None) => Some(Gap::Code),
            _ => None,
        }
    }

    /// The name of the system call, or its number.
    pub fn syscall_or_number(&self) -> Option<String> {
        self.syscall.clone().or_else(|| self.number.map(|number| number.to_string()))
    }

    /// The name of the architecture, or its audit architecture.
    pub fn architecture_or_value(&self) -> Option<String> {
        let value = || self.arch.map(|arch| format!("{arch:#010x}"));
        self.architecture.map(|architecture| architecture.name().to_owned()).or_else(value)
    }

    /// The name of the signal if a filter can cause it, otherwise its number.
    pub fn signal_name(&self) -> Option<String> {
        self.signal.map(|signal| match signal {
            SIGKILL => "SIGKILL".to_owned(),
            _ if Some(signal) == sigsys(self.architecture) => "SIGSYS".to_owned(),
            other => other.to_string(),
        })
    }

    /// The program: the path of the executable, or else the name of the thread.
    pub fn program(&self) -> Option<&str> {
        self.executable.as_deref().or(self.thread.as_deref())
    }

    /// Whether it was made by the program of this name: its path, its file name or the name of the thread.
    pub fn is_by(&self, program: &str) -> bool {
        let path = self.executable.as_deref();
        let file = path.and_then(|path| path.rsplit('/').next());
        [path, file, self.thread.as_deref()].contains(&Some(program))
    }
}

pub(super) const SIGKILL: u32 = 9;

/// The number of SIGSYS; that of most architectures if the architecture is not known.
pub(super) fn sigsys(architecture: Option<&Architecture>) -> Option<u32> {
    architecture.map_or(Some(31), Architecture::sigsys)
}
