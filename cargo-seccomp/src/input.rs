//! A path to the policy that it names.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use seccomp_compiler::SourceFile;

use crate::outcome::Failure;

/// Far over the compiler's own limit, which words the problem; this one only ends a read that would not end.
const MOST_BYTES: u64 = 16 << 20;

/// Reads a policy. Whether it is one, or even text, is the compiler's to say.
pub(crate) fn read(path: &Path) -> Result<SourceFile, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(SourceFile::new(path.display().to_string(), bytes)),
        Err(error) => Err(Failure::Read { path: path.to_owned(), error }),
    }
}
