//! A violation: what a record says, decoded as far as possible.

use core::fmt;
use std::time::{Duration, SystemTime};

use seccomp_compiler::Architecture;
use seccomp_compiler::policy::ActionKind;

use super::calls;
use super::process::Process;

/// What the kernel recorded about one system call. Any part may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// How many violations the record reports: more than one if a log says that it was repeated.
    pub times: u64,
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
    /// What is known about the process from elsewhere.
    pub process: Process,
    /// The lines of a policy that may have decided, in words.
    pub decided_by: Option<String>,
    /// Whether this crate wrote it before, so that it has no other transport.
    pub(crate) is_read_back: bool,
}

/// A user or group by its number or its name, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The number; `ausearch --interpret` leaves it out.
    pub id: Option<u32>,
    /// The name.
    pub name: Option<String>,
}

/// Milliseconds since 1970, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

impl Time {
    /// `None` from the year 10000 on, which RFC 3339 cannot express.
    pub fn new(seconds: u64, milliseconds: u64) -> Option<Self> {
        const YEAR_10000: u64 = 253_402_300_800;
        // Lazily, because the product of larger numbers overflows.
        (seconds < YEAR_10000 && milliseconds < 1000).then(|| Self(seconds * 1000 + milliseconds))
    }

    /// The time in `SECONDS.FRACTION`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(seconds) || !is_number(fraction) {
            return None;
        }
        let milliseconds: String = fraction.chars().chain("00".chars()).take(3).collect();
        Self::new(seconds.parse().ok()?, milliseconds.parse().ok()?)
    }

    /// The time of a clock.
    pub fn from_system(time: SystemTime) -> Option<Self> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Self::new(since.as_secs(), since.subsec_millis().into())
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

/// What the filter answered. The kernel records it without its data: a plain `errno` does not mean error 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// This action.
    Known(ActionKind),
    /// `kill_process` or `kill_thread`: versions of `ausearch --interpret` write `kill`, or `kill-thread`, for both.
    Kill,
}

impl Action {
    /// The action with this `code=`. The kernel knows no others; what looks like one was cut off.
    pub fn from_code(code: u32) -> Option<Self> {
        ActionKind::ALL.iter().find(|kind| kind.return_value() == code).copied().map(Self::Known)
    }

    /// The action of this name: that of a policy, or `kill` for either kind.
    pub fn find(name: &str) -> Option<Self> {
        let known = || ActionKind::find(name).map(Self::Known);
        if name == "kill" { Some(Self::Kill) } else { known() }
    }

    /// The number after `code=`, if there is only one that it may be.
    pub const fn code(self) -> Option<u32> {
        match self {
            Self::Known(kind) => Some(kind.return_value()),
            Self::Kill => None,
        }
    }

    /// The actions of which it is one.
    pub const fn kinds(self) -> &'static [ActionKind] {
        match self {
            Self::Kill => &[ActionKind::KillProcess, ActionKind::KillThread],
            Self::Known(ActionKind::KillProcess) => &[ActionKind::KillProcess],
            Self::Known(ActionKind::KillThread) => &[ActionKind::KillThread],
            Self::Known(ActionKind::Trap) => &[ActionKind::Trap],
            Self::Known(ActionKind::Errno) => &[ActionKind::Errno],
            Self::Known(ActionKind::UserNotif) => &[ActionKind::UserNotif],
            Self::Known(ActionKind::Trace) => &[ActionKind::Trace],
            Self::Known(ActionKind::Log) => &[ActionKind::Log],
            Self::Known(ActionKind::Allow) => &[ActionKind::Allow],
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known(kind) => kind.name(),
            Self::Kill => "kill",
        }
    }

    /// What became of the call.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::Known(ActionKind::Log | ActionKind::Allow) => "logged",
            // What a tracer or supervisor decided, the kernel does not say.
            Self::Known(ActionKind::Trace | ActionKind::UserNotif) => "delegated",
            Self::Known(_) | Self::Kill => "blocked",
        }
    }
}

/// Its name in a policy; `kill` if it may be either.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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

impl Gap {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Syscall => "`syscall` is missing or not a number",
            Self::Arch => "`arch` is missing or not a number",
            Self::Architecture => "`arch` is not the value of any known architecture",
            Self::Code => "`code` is missing or not an action",
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Default for Violation {
    /// A violation with no known fields.
    fn default() -> Self {
        Self {
            times: 1,
            time: None,
            serial: None,
            node: None,
            login: None,
            user: None,
            group: None,
            session: None,
            subject: None,
            pid: None,
            thread: None,
            executable: None,
            signal: None,
            arch: None,
            architecture: None,
            number: None,
            syscall: None,
            compat: None,
            instruction_pointer: None,
            action: None,
            process: Process::default(),
            decided_by: None,
            is_read_back: false,
        }
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

    /// Whether it was this call, by name or number.
    pub fn is_call(&self, call: &str) -> bool {
        self.syscall.as_deref() == Some(call) || self.number.is_some_and(|number| number.to_string() == call)
    }

    /// Whether the filter may have answered with this action.
    pub fn may_be(&self, action: Action) -> bool {
        self.action.is_some_and(|own| own.kinds().iter().any(|kind| action.kinds().contains(kind)))
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
pub(super) fn sigsys(architecture: Option<&'static Architecture>) -> Option<u32> {
    architecture.map_or(Some(31), calls::sigsys)
}

/// The signal of this name or number.
pub(crate) fn signal(name: &str, architecture: Option<&'static Architecture>) -> Option<u32> {
    match name {
        "SIGSYS" => sigsys(architecture),
        "SIGKILL" => Some(SIGKILL),
        "SIG0" => Some(0),
        number => number.parse().ok(),
    }
}
