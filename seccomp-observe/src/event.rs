//! What a source delivers, one event after another.

/// Whether to read the records that exist, or those still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// The records that exist, to their end.
    Past,
    /// Records as they are written, until the user stops.
    Live,
}

/// What a source delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A line of a log.
    Line(Line<'a>),
    /// An audit message of this type.
    Message {
        /// The type, as in `linux/audit.h`.
        kind: u16,
        /// The message.
        text: &'a [u8],
    },
    /// The next line is of another file.
    NextFile,
    /// Records were lost because they were not read in time.
    Overrun,
    /// There is nothing to read at the moment.
    Idle,
    /// There is nothing more to read.
    End,
    /// The user asked to stop although there is more to read.
    Interrupted,
}

/// A line, without its line ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The bytes; at most [`LONGEST_LINE`].
    pub bytes: &'a [u8],
    /// Whether the line was longer.
    pub is_cut: bool,
}

/// The length at which a line is cut. The kernel's records have at most 8970 bytes (`MAX_AUDIT_MESSAGE_LENGTH` in
/// `linux/audit.h`), and what auditd adds is shorter still.
pub const LONGEST_LINE: usize = 64 << 10;
