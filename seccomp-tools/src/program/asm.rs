//! The disassembly.

use super::format::{Content, Format};

pub(super) const FORMAT: Format = Format {
    name: "asm",
    summary: "The disassembly, one instruction per line",
    content: Content::Text,
    write: |compiled| compiled.program().to_string().into_bytes(),
};
