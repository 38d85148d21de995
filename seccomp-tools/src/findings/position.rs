//! Where a problem is, as tools count: from line 1 and column 1, in characters, up to the end but not including it.

use seccomp_compiler::{Label, Span};

/// The columns of a part of one line. A problem of a file as a whole is at its first character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Position {
    pub(super) fn new(span: Span) -> Self {
        let start = span.column.max(1);
        Self { line: span.line.max(1), start, end: start + span.length }
    }
}

/// The labels whose places are known, and the first one in any case.
pub(super) fn placed(labels: &[Label]) -> impl Iterator<Item = (usize, &Label)> {
    labels.iter().enumerate().filter(|(index, label)| *index == 0 || label.span.line != 0)
}
