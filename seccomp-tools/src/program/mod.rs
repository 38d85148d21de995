//! Programs as others read and write them, one format a file.

mod asm;
mod bpf;
mod format;
mod reach;

pub use bpf::{NotAProgram, other_architecture, read};
pub use format::{Content, Format};

/// Every format, the kernel's first.
pub const FORMATS: &[Format] = &[bpf::FORMAT, asm::FORMAT];

/// The format of this name.
pub fn find(name: &str) -> Option<Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}
