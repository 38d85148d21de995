//! The kinds of problems by the names that users see, and which of them stop a build. Each is a variant of [`Problem`],
//! and the compiler holds the two lists to each other.

use crate::diagnose::diagnostic::Severity;
use crate::diagnose::problem::Problem;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident $name:literal $severity:ident,)*) => {
        /// The kinds of problems; the names are stable, and each has a section in `docs/diagnostics.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $code,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// Its name, as `unknown-syscall`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }

            /// Whether it stops the build.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$code => Severity::$severity,)*
                }
            }
        }

        impl Problem {
            pub(crate) const fn code(&self) -> Code {
                match self {
                    $(Self::$code { .. } => Code::$code,)*
                }
            }
        }
    };
}

codes! {
    /// The file is missing or cannot be read.
    Unreadable "unreadable" Error,
    /// An included file is missing or cannot be read.
    UnreadableInclude "unreadable-include" Error,
    /// Files that include each other.
    IncludeCycle "include-cycle" Error,
    /// An included file that is not named relative to the including one.
    AbsoluteInclude "absolute-include" Error,
    /// A key that an included file may not have.
    KeyInInclude "key-in-include" Error,
    /// The file is not UTF-8 text.
    NotUtf8 "not-utf8" Error,
    /// A character that an editor does not show as what it does.
    HiddenCharacter "hidden-character" Error,
    /// The policy is larger than allowed.
    TooLarge "too-large" Error,
    /// The document nests deeper than allowed.
    TooDeep "too-deep" Error,
    /// The text is not YAML.
    InvalidYaml "invalid-yaml" Error,
    /// A bare `@`, which YAML reserves.
    ReservedAt "reserved-at" Error,
    /// A tab where YAML takes spaces alone.
    TabIndentation "tab-indentation" Error,
    /// There is nothing in the file.
    Empty "empty" Error,
    /// A value is of another type than its key takes.
    WrongType "wrong-type" Error,
    /// A key that the language does not have, or not there.
    UnknownKey "unknown-key" Error,
    /// A dotted key below the second level.
    DeepDots "deep-dots" Error,
    /// One key twice in a mapping.
    DuplicateKey "duplicate-key" Error,
    /// A required key is missing.
    MissingKey "missing-key" Error,
    /// A list that must not be empty is.
    EmptyList "empty-list" Error,
    /// One item twice in a list.
    RepeatedItem "repeated-item" Error,
    /// A policy key at the document's root beside `seccomp`.
    KeyBesideSeccomp "key-beside-seccomp" Error,
    /// An action that does not exist.
    UnknownAction "unknown-action" Error,
    /// An action's value is missing, not allowed, or out of range.
    ActionData "action-data" Error,
    /// An error name that no architecture has.
    UnknownErrno "unknown-errno" Error,
    /// An error name that the target lacks.
    AbsentErrno "absent-errno" Error,
    /// An errno above the kernel's limit.
    ErrnoTooLarge "errno-too-large" Error,
    /// An operation that does not exist.
    UnknownOperation "unknown-operation" Error,
    /// An argument outside 0..5.
    ArgumentOutOfRange "argument-out-of-range" Error,
    /// More conditions than a call has arguments.
    TooManyConditions "too-many-conditions" Error,
    /// A value that is no number and no constant.
    InvalidValue "invalid-value" Error,
    /// A constant that no architecture has.
    UnknownConstant "unknown-constant" Error,
    /// A constant that the target lacks.
    AbsentConstant "absent-constant" Error,
    /// A value that does not fit its argument.
    ValueTooWide "value-too-wide" Error,
    /// A value with bits outside its mask.
    ValueOutsideMask "value-outside-mask" Error,
    /// A mask without `MaskedEqual`, or the reverse.
    MisplacedMask "misplaced-mask" Error,
    /// A width other than 16, 32 or 64.
    InvalidWidth "invalid-width" Error,
    /// A width that the target's registers do not have.
    WidthTooWide "width-too-wide" Error,
    /// A system call that no Linux architecture has.
    UnknownSyscall "unknown-syscall" Error,
    /// A system call that the target lacks.
    AbsentSyscall "absent-syscall" Error,
    /// A set that does not exist.
    UnknownSet "unknown-set" Error,
    /// A set with conditions.
    ConditionedSet "conditioned-set" Error,
    /// A code in `allow_warnings` that is none of a warning.
    UnknownWarning "unknown-warning" Error,
    /// An argument by a name that the call does not have.
    UnknownArgument "unknown-argument" Error,
    /// An argument that a filter cannot see on the target.
    HiddenArgument "hidden-argument" Error,
    /// An argument that the target spreads over two registers.
    SplitArgument "split-argument" Error,
    /// An argument by a number that means different ones on the covered ABIs.
    AmbiguousPosition "ambiguous-position" Error,
    /// A rule that earlier groups decide for all of its calls.
    NeverFires "never-fires" Error,
    /// An expectation that the policy does not meet.
    BrokenExpectation "broken-expectation" Error,
    /// One name twice in a group.
    RepeatedSyscall "repeated-syscall" Error,
    /// One name both with and without conditions in a group.
    ConditionalTwin "conditional-twin" Error,
    /// An architecture that does not exist or has no filters.
    UnknownArchitecture "unknown-architecture" Error,
    /// The policy is not meant for the target.
    OtherArchitecture "other-architecture" Error,
    /// No group of the policy applies to the target.
    NoGroupLeft "no-group-left" Error,
    /// A group or an expectation that is for none of the policy's architectures.
    AppliesNowhere "applies-nowhere" Error,
    /// A filter flag that does not exist.
    UnknownFlag "unknown-flag" Error,
    /// A filter flag that needs a supervisor.
    FlagNeedsSupervisor "flag-needs-supervisor" Error,
    /// The policy stands for more rules than are read.
    TooManyRules "too-many-rules" Error,
    /// The filter exceeds the kernel's limit.
    TooLong "too-long" Error,
    /// The filter could not be proved equal to the policy.
    Unproved "unproved" Error,
    /// The proof would take more than it may.
    TooComplex "too-complex" Error,
    /// A reporter, and nothing for it to report.
    NothingTraps "nothing-traps" Error,
    /// A reporter on an architecture that has none.
    NoReporter "no-reporter" Error,
    /// A call that the reporter makes itself, and refused.
    ReporterRefused "reporter-refused" Error,
    /// A condition that always holds.
    AlwaysHolds "always-holds" Warning,
    /// A condition that never holds.
    NeverHolds "never-holds" Warning,
    /// Conditions of one entry that no call can meet together.
    ContradictoryConditions "contradictory-conditions" Warning,
    /// An argument by a number that means another one on other architectures.
    PositionDiffers "position-differs" Warning,
    /// A refused call whose twin is allowed.
    HoleInBlocklist "hole-in-blocklist" Warning,
    /// An allowed call whose successor, which newer C libraries use, is refused.
    Drift "drift" Warning,
    /// Calls that are seldom seen because the vDSO answers them, and refused.
    HiddenByVdso "hidden-by-vdso" Warning,
    /// Calls that every Rust program makes, and refused.
    EssentialRefused "essential-refused" Warning,
    /// Calls that a panic makes, and fatal.
    PanicKilled "panic-killed" Warning,
    /// io_uring beside refused file or network calls, which it can make.
    IoUringOpen "io-uring-open" Warning,
    /// `kill_thread`: the other threads go on with the locks of the dead one.
    KillThread "kill-thread" Warning,
    /// Calls that are newer than the table fail with EPERM, which C libraries do not expect.
    EpermDefault "eperm-default" Warning,
    /// A rule that says what would happen anyway.
    SameAsDefault "same-as-default" Warning,
    /// `errno(0)`: the call is skipped and reports success.
    ErrnoZero "errno-zero" Warning,
    /// A condition on a call whose arguments the kernel does not declare.
    UnknownSignature "unknown-signature" Warning,
    /// A condition on a register that the call does not read.
    PastLastArgument "past-last-argument" Warning,
}
