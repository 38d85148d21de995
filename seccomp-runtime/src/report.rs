//! What the macros emit for `report`.

use core::sync::atomic::AtomicI32;

use crate::filter::Instruction;

/// What a process needs to report the calls that its filter traps. The macros make it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Report {
    /// A program that traps what the filter traps, and whose data is the number of a line in `lines`.
    pub line_finder: &'static [Instruction],
    /// The lines of the policy that refuse calls. The compiler's `Report` documents the format of all three texts.
    pub lines: &'static str,
    /// The calls that can be trapped, by audit architecture.
    pub calls: &'static [(u32, &'static str)],
    /// The constants that their arguments take.
    pub families: &'static str,
    /// The descriptor that the line goes to besides standard error, unless it is negative.
    pub descriptor: Option<&'static AtomicI32>,
    pub then: Then,
}

/// What happens after the report.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Then {
    /// The process dies of SIGSYS, as it would without a reporter.
    KillProcess,
    /// The process exits with this status.
    Exit(u8),
    /// The call fails with this error.
    Errno(u16),
}
