//! The kernel's own form: an array of `struct sock_filter`.

use core::fmt;
use std::error::Error;

use seccomp_compiler::{Architecture, Program};

use super::format::{Content, Format};

pub(super) const FORMAT: Format = Format {
    name: "bpf",
    summary: "The instructions as an array of `struct sock_filter`, in the byte order of the architecture",
    content: Content::Binary,
    write: |compiled| compiled.program().to_bytes(),
};

/// The program in these bytes, an array of `struct sock_filter` in the byte order of the architecture.
///
/// # Errors
///
/// When the bytes are not a whole number of instructions.
pub fn read(bytes: &[u8], architecture: &Architecture) -> Result<Program, NotAProgram> {
    Program::from_bytes(bytes, architecture.endian()).ok_or(NotAProgram { length: bytes.len() })
}

/// Bytes that are not a whole number of instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAProgram {
    /// How many bytes there are.
    pub length: usize,
}

impl Error for NotAProgram {}

impl fmt::Display for NotAProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its length is {} bytes, not a multiple of the 8 bytes of an instruction", self.length)
    }
}

#[cfg(test)]
mod tests {
    use seccomp_compiler::{Architecture, Compiler, SourceFile};

    use super::{NotAProgram, read};
    use crate::program::find;

    #[test]
    fn a_program_is_read_as_it_was_written() {
        let policy = SourceFile::new(
            "policy.yaml",
            "default_action: allow\nsyscalls: [{action: errno, names: [execve, execveat]}]\n",
        );
        let format = find("bpf").expect("a format");
        for architecture in ["x86_64", "s390x"] {
            let architecture = Architecture::find(architecture).expect("an architecture");
            let compiled = Compiler::for_architecture(architecture).compile(&policy).expect("a sound policy");
            let bytes = format.write(&compiled);
            assert_eq!(read(&bytes, architecture).as_ref(), Ok(compiled.program()));
            assert_eq!(read(&bytes[1..], architecture), Err(NotAProgram { length: bytes.len() - 1 }));
        }
    }
}
