//! The closed list of what can be wrong with a policy: one [`Code`] and one set of facts for each kind. The stages
//! report facts; the words are in [`words`](crate::words).

use crate::architecture::{Architecture, Width};
use crate::diagnostic::Severity;
use crate::source::Place;
use crate::verify::Refused;

/// The facts of one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    Unreadable {
        reason: String,
    },
    UnreadableInclude {
        name: String,
        reason: String,
    },
    IncludeCycle {
        chain: Vec<String>,
    },
    AbsoluteInclude {
        name: String,
    },
    KeyInInclude {
        key: String,
    },
    NotUtf8,
    HiddenCharacter {
        character: char,
    },
    TooLarge {
        bytes: usize,
        limit: usize,
    },
    TooDeep {
        limit: usize,
    },
    InvalidYaml {
        message: String,
        within: Option<(Place, String)>,
    },
    ReservedAt {
        name: String,
    },
    TabIndentation,
    Empty,
    WrongType {
        expected: &'static str,
        found: &'static str,
    },
    UnknownKey {
        key: String,
        nearest: Option<&'static str>,
        known: &'static [&'static str],
    },
    DeepDots {
        key: String,
    },
    DuplicateKey {
        key: String,
        synonym: Option<&'static str>,
        first: Place,
    },
    MissingKey {
        key: &'static str,
        of: &'static str,
    },
    EmptyList {
        of: &'static str,
        remedy: &'static str,
    },
    RepeatedItem {
        item: String,
        first: Place,
    },
    KeyBesideSeccomp {
        key: String,
    },
    UnknownAction {
        text: String,
        nearest: Option<&'static str>,
    },
    ActionData {
        text: String,
        wanted: &'static str,
    },
    UnknownErrno {
        name: String,
        nearest: Option<&'static str>,
    },
    AbsentErrno {
        name: String,
        architecture: &'static Architecture,
    },
    ErrnoTooLarge {
        text: String,
    },
    UnknownOperation {
        text: String,
        nearest: Option<&'static str>,
    },
    ArgumentOutOfRange {
        text: String,
    },
    TooManyConditions {
        count: usize,
    },
    InvalidValue {
        text: String,
        reason: &'static str,
    },
    UnknownConstant {
        name: String,
        nearest: Option<&'static str>,
    },
    AbsentConstant {
        name: String,
        architecture: &'static Architecture,
    },
    ValueTooWide {
        value: i128,
        width: Width,
        whole: bool,
    },
    ValueOutsideMask {
        value: u64,
        mask: u64,
    },
    MisplacedMask {
        operation: &'static str,
    },
    InvalidWidth {
        text: String,
    },
    WidthTooWide {
        architecture: &'static Architecture,
    },
    UnknownSyscall {
        name: String,
        nearest: Option<&'static str>,
    },
    AbsentSyscall {
        name: String,
        architecture: &'static Architecture,
        replacements: Vec<&'static str>,
    },
    UnknownSet {
        set: String,
        nearest: Option<&'static str>,
    },
    ConditionedSet {
        set: String,
    },
    UnknownWarning {
        text: String,
        nearest: Option<&'static str>,
    },
    UnknownArgument {
        syscall: String,
        name: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    HiddenArgument {
        syscall: String,
        name: String,
        architecture: &'static Architecture,
    },
    SplitArgument {
        name: String,
        architecture: &'static Architecture,
        halves: Vec<String>,
    },
    AmbiguousPosition {
        name: String,
        position: u8,
        architecture: &'static Architecture,
        other: &'static Architecture,
        there: Option<String>,
    },
    PositionDiffers {
        name: String,
        position: u8,
        other: &'static Architecture,
        there: Option<String>,
    },
    NeverFires {
        name: String,
        deciding: Vec<Place>,
    },
    BrokenExpectation {
        call: String,
        expected: String,
        found: String,
        deciding: Option<Place>,
    },
    HoleInBlocklist {
        refused: String,
        open: Vec<&'static str>,
    },
    Drift {
        old: String,
        newer: Vec<&'static str>,
    },
    HiddenByVdso {
        names: Vec<&'static str>,
    },
    EssentialRefused {
        names: Vec<&'static str>,
        default: String,
    },
    PanicKilled {
        names: Vec<&'static str>,
        default: String,
    },
    IoUringOpen {
        refused: Vec<&'static str>,
    },
    KillThread,
    EpermDefault,
    SameAsDefault {
        name: String,
    },
    RepeatedSyscall {
        name: String,
        first: Place,
    },
    ConditionalTwin {
        name: String,
        first: Place,
    },
    UnknownArchitecture {
        text: String,
        nearest: Option<&'static str>,
    },
    OtherArchitecture {
        architecture: &'static Architecture,
        meant: Vec<&'static str>,
    },
    NoGroupLeft {
        architecture: &'static Architecture,
    },
    AppliesNowhere {
        of: &'static str,
    },
    UnknownFlag {
        text: String,
        nearest: Option<&'static str>,
    },
    FlagNeedsSupervisor {
        flag: &'static str,
    },
    TooManyRules {
        limit: usize,
    },
    TooLong {
        instructions: usize,
        limit: usize,
    },
    Unproved {
        refused: Refused,
        architecture: &'static Architecture,
    },
    TooComplex {
        name: String,
        conditions: usize,
    },
    NothingTraps,
    NoReporter {
        architecture: &'static Architecture,
    },
    ReporterRefused {
        call: String,
        found: String,
    },
    AlwaysHolds {
        operation: &'static str,
    },
    NeverHolds {
        operation: &'static str,
    },
    ContradictoryConditions {
        name: String,
    },
    ErrnoZero,
    UnknownSignature {
        name: String,
        width: Width,
    },
    PastLastArgument {
        name: String,
        argument: u8,
        count: usize,
    },
}

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
