//! The kernel's own form: an array of `struct sock_filter`.

use core::fmt;
use std::error::Error;

use seccomp_compiler::{Architecture, Endian, Instruction, Program, Word, opcode};

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
/// When there are none, or the bytes are not a whole number of instructions.
pub fn read(bytes: &[u8], architecture: &Architecture) -> Result<Program, NotAProgram> {
    let program = Program::from_bytes(bytes, architecture.endian());
    program.filter(|program| !program.instructions.is_empty()).ok_or(NotAProgram { length: bytes.len() })
}

/// The other architecture that a filter seems to be for: it compares that of a call with others only, in one byte order or
/// the other.
pub fn other_architecture(bytes: &[u8], architecture: &Architecture) -> Option<&'static Architecture> {
    let programs = [Endian::Little, Endian::Big].map(|endian| Program::from_bytes(bytes, endian));
    let compared: Vec<u32> = programs.iter().flatten().flat_map(compared_with).collect();
    let is_meant = |audit: u32| Architecture::all().find(|other| other.audit() == audit);
    let meant = compared.iter().find_map(|audit| is_meant(*audit));
    meant.filter(|_| !compared.contains(&architecture.audit()))
}

/// The values that a program compares the audit architecture with as soon as it has loaded it.
fn compared_with(program: &Program) -> Vec<u32> {
    let is_arch = |load: &Instruction| {
        load.code == opcode::LOAD && Word::at(load.k, program.endian) == Some(Word::Arch)
    };
    let pairs = program.instructions.windows(2).filter(|pair| is_arch(&pair[0]));
    pairs.filter(|pair| pair[1].code == opcode::JUMP_EQUAL).map(|pair| pair[1].k).collect()
}

/// Bytes that are no whole number of instructions, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAProgram {
    /// How many bytes there are.
    pub length: usize,
}

impl Error for NotAProgram {}

impl fmt::Display for NotAProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.length == 0 {
            return f.write_str("it is empty");
        }
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
            assert_eq!(read(&[], architecture), Err(NotAProgram { length: 0 }));
        }
    }
}
