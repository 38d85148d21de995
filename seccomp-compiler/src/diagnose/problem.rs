//! The closed list of what can be wrong with a policy: one set of facts for each [`Code`](crate::Code). The stages report
//! facts; the words are in [`words`](crate::diagnose::words).

use crate::document::source::Place;
use crate::kernel::architecture::{Architecture, Width};
use crate::proof::Refused;

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
        known: Vec<&'static str>,
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
    },
    ActionData {
        text: String,
        wanted: &'static str,
    },
    UnknownErrno {
        name: String,
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
    },
    AbsentSyscall {
        name: String,
        architecture: &'static Architecture,
        replacements: Vec<&'static str>,
    },
    UnknownSet {
        set: String,
    },
    ConditionedSet {
        set: String,
    },
    UnknownWarning {
        text: String,
    },
    UnknownArgument {
        syscall: &'static str,
        name: String,
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
