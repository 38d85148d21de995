//! Paths to what is in the files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use seccomp_compiler::SourceFile;

use crate::outcome::Failure;

/// Far over the compiler's own limit, which words the problem; this one only ends a read that would not end.
const MOST_BYTES: u64 = 16 << 20;

/// Reads a policy. Whether it is one, or even text, is the compiler's to say.
pub(crate) fn read(path: &Path) -> Result<SourceFile, Failure> {
    Ok(SourceFile::new(path.display().to_string(), read_bytes(path)?))
}

/// Reads a file that a policy includes.
pub(crate) fn load(name: &str) -> Result<Vec<u8>, String> {
    // A pipe or a device would not end.
    if std::fs::metadata(name).is_ok_and(|file| !file.is_file() && !file.is_dir()) {
        return Err("it is not a regular file".to_owned());
    }
    read_bytes(Path::new(name)).map_err(|failure| match failure {
        Failure::Read { error, .. } => error.to_string(),
        other => other.to_string(),
    })
}

/// Reads a file as it is.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    read.map_err(|error| Failure::Read { path: path.to_owned(), error })?;
    Ok(bytes)
}
