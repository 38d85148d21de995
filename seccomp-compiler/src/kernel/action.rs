//! What can happen to a system call: one row an action, from which everything else about actions derives.

use core::fmt;

use crate::kernel::architecture::Architecture;
use crate::kernel::call::On;
use crate::kernel::tables;

/// The kernel clamps an errno to this (`MAX_ERRNO` of `linux/err.h`).
pub(crate) const MAX_ERRNO: u16 = 4095;

macro_rules! actions {
    (@bind $data:tt $name:ident) => { $name };
    (@data) => { ActionData::None };
    (@data u16 $number:ident) => { ActionData::Number(*$number) };
    (@data E $errno:ident) => { ActionData::Errno($errno) };
    (@pick u16 $number:ident $errno:ident) => { $number };
    (@pick E $number:ident $errno:ident) => { $errno };
    ($(
        $(#[$doc:meta])*
        $action:ident $(($data:tt))? $name:literal $kernel:ident $value:literal since $since:literal,
    )*) => {
        /// What happens to a call, with errors given as `E`: by name or number in a [policy](crate::policy::Action),
        /// by number in a [verdict](Verdict). Ordered by precedence: of several filters, the least answer counts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action<E> {
            $($(#[$doc])* $action $(($data))?,)*
        }

        /// An action without its data.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ActionKind {
            $($(#[$doc])* $action,)*
        }

        impl ActionKind {
            /// Every action, the one with the highest precedence first.
            pub const ALL: &'static [Self] = &[$(Self::$action),*];

            /// Its name in a policy.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }

            /// Its name in `linux/seccomp.h`.
            pub const fn kernel_name(self) -> &'static str {
                match self {
                    $(Self::$action => stringify!($kernel),)*
                }
            }

            /// What a filter returns for it, without the data in the low 16 bits.
            pub const fn return_value(self) -> u32 {
                match self {
                    $(Self::$action => $value,)*
                }
            }

            /// The first version of Linux that has it.
            pub const fn since(self) -> &'static str {
                match self {
                    $(Self::$action => $since,)*
                }
            }

            /// The action with the data that it takes, which is one of these or neither.
            pub fn with<E>(self, number: u16, errno: E) -> Action<E> {
                match self {
                    $(Self::$action => Action::$action $((actions!(@pick $data number errno)))?,)*
                }
            }
        }

        impl<E> Action<E> {
            /// The action without its data.
            pub const fn kind(&self) -> ActionKind {
                match self {
                    $(Self::$action { .. } => ActionKind::$action,)*
                }
            }

            /// What it carries.
            pub const fn data(&self) -> ActionData<&E> {
                match self {
                    $(Self::$action $((actions!(@bind $data data)))? => actions!(@data $($data data)?),)*
                }
            }
        }

        impl Action<u16> {
            /// How the kernel treats a filter's return value (`__seccomp_filter` of `kernel/seccomp.c`): data that the
            /// action does not use is ignored, errors are clamped to 4095, and an unknown action kills the process.
            pub const fn from_return_value(value: u32) -> Self {
                let number = (value & 0xffff) as u16;
                let errno = if number > MAX_ERRNO { MAX_ERRNO } else { number };
                match value & 0xffff_0000 {
                    $($value => Self::$action $((actions!(@pick $data number errno)))?,)*
                    _ => Self::KillProcess,
                }
            }
        }
    };
}

actions! {
    /// The process is killed.
    KillProcess "kill_process" SECCOMP_RET_KILL_PROCESS 0x8000_0000 since "4.14",
    /// The thread is killed.
    KillThread "kill_thread" SECCOMP_RET_KILL_THREAD 0x0000_0000 since "3.5",
    /// The thread gets SIGSYS with this `si_errno`.
    Trap(u16) "trap" SECCOMP_RET_TRAP 0x0003_0000 since "3.5",
    /// The call fails with this error.
    Errno(E) "errno" SECCOMP_RET_ERRNO 0x0005_0000 since "3.5",
    /// A supervisor decides; without one the call fails with ENOSYS.
    UserNotif "user_notif" SECCOMP_RET_USER_NOTIF 0x7fc0_0000 since "5.0",
    /// A tracer decides, and reads this value; without one the call fails with ENOSYS.
    Trace(u16) "trace" SECCOMP_RET_TRACE 0x7ff0_0000 since "3.5",
    /// The call is made and logged.
    Log "log" SECCOMP_RET_LOG 0x7ffc_0000 since "4.14",
    /// The call is made.
    Allow "allow" SECCOMP_RET_ALLOW 0x7fff_0000 since "3.5",
}

/// What an action carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionData<E> {
    /// Nothing.
    None,
    /// 16 bits for the program or its tracer.
    Number(u16),
    /// An error.
    Errno(E),
}

/// What an author can promise of a call without saying how: in `expect`, in place of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Promise {
    /// The call is not made: `errno`, `trap`, `kill_thread` or `kill_process`, with any value.
    Refused,
    /// The call is made: `allow` or `log`.
    Allowed,
}

impl Promise {
    /// Every promise.
    pub const ALL: &'static [Self] = &[Self::Refused, Self::Allowed];

    /// Its name in a policy.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Allowed => "allowed",
        }
    }

    /// The promise of this name; letter case does not matter.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|promise| promise.name().eq_ignore_ascii_case(name))
    }

    /// Whether an answer keeps it. Of `trace` and `user_notif` somebody else decides, so these keep neither.
    pub const fn is_kept_by(self, verdict: Verdict) -> bool {
        match self {
            Self::Refused => verdict.is_refused(),
            Self::Allowed => verdict.is_allowed(),
        }
    }
}

/// The answer to a call: an action, with its error as a number.
pub type Verdict = Action<u16>;

impl ActionKind {
    /// The action of this name; letter case does not matter.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// Which data it takes, if any.
    pub fn takes(self) -> ActionData<()> {
        match self.with(0, ()).data() {
            ActionData::None => ActionData::None,
            ActionData::Number(number) => ActionData::Number(number),
            ActionData::Errno(&()) => ActionData::Errno(()),
        }
    }
}

impl<E> Action<E> {
    /// The action with its error, if it has one, given in another way; `None` where `errno` knows none.
    pub(crate) fn map_errno<T: Default>(&self, errno: impl FnOnce(&E) -> Option<T>) -> Option<Action<T>> {
        Some(match self.data() {
            ActionData::None => self.kind().with(0, T::default()),
            ActionData::Number(number) => self.kind().with(number, T::default()),
            ActionData::Errno(error) => self.kind().with(0, errno(error)?),
        })
    }
}

impl Verdict {
    /// Whether the call is made, whoever else may hear of it.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allow | Self::Log)
    }

    /// Whether the call is not made, whoever else there is.
    pub const fn is_refused(self) -> bool {
        matches!(self, Self::Errno(_) | Self::Trap(_) | Self::KillThread | Self::KillProcess)
    }

    /// Whether the call fails with ENOSYS, on which C libraries assume an older kernel and fall back to another call.
    pub fn is_no_such_call(self, architecture: &Architecture) -> bool {
        matches!(self, Self::Errno(number) if Some(number) == architecture.errno("ENOSYS"))
    }

    /// What a filter returns for it: `SECCOMP_RET_*` with the data in the low 16 bits.
    pub const fn return_value(self) -> u32 {
        let data = match self.data() {
            ActionData::None => 0,
            ActionData::Number(data) | ActionData::Errno(&data) => data,
        };
        self.kind().return_value() | data as u32
    }

    /// The verdict with an errno by its name on this architecture.
    pub fn display<'a>(&'a self, architecture: &'a Architecture) -> impl fmt::Display + 'a {
        On(self, architecture)
    }
}

impl fmt::Display for On<'_, Verdict> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(verdict, architecture) = self;
        let name = |number: u16| {
            let errnos = tables::errnos();
            let names = errnos.filter(|errno| errno.value(architecture.table) == Some(number.into()));
            // Of two names for one number, EAGAIN and EWOULDBLOCK, the shorter is the usual one.
            names.map(|errno| errno.name).min_by_key(|name| name.len())
        };
        match verdict {
            Verdict::Errno(number) => match name(*number) {
                Some(name) => write!(f, "errno({name})"),
                None => verdict.fmt(f),
            },
            _ => verdict.fmt(f),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().name())?;
        match self.data() {
            ActionData::None => Ok(()),
            ActionData::Number(data) | ActionData::Errno(&data) => write!(f, "({data})"),
        }
    }
}
