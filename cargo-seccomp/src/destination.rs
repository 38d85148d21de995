//! Where an export goes: written whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::outcome::Failure;
use crate::output::Output;

/// Whether what is written may go to a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// For people.
    Text,
    /// For programs.
    Binary,
}

/// Writes to the file of this name, or to standard output for `-`.
pub(crate) fn write(
    path: &Path,
    content: Content,
    bytes: &[u8],
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if path.as_os_str() != "-" {
        return write_file(path, content, bytes);
    }
    if content == Content::Binary && output.is_terminal() {
        return Err(Failure::Terminal);
    }
    output.bytes(bytes)
}

fn write_file(path: &Path, content: Content, bytes: &[u8]) -> Result<(), Failure> {
    let write = |error| Failure::Write { path: path.to_owned(), error };
    match fs::metadata(path) {
        Ok(there) if there.is_file() => {
            let place = fs::canonicalize(path).map_err(write)?;
            replace(&place, there.permissions(), bytes).map_err(write)
        }
        Ok(_) => pour(path, content, bytes),
        Err(_) => create(path, bytes).map_err(write),
    }
}

/// Puts a file in the place of another, with the same permissions. Readers see the one or the other.
fn replace(path: &Path, permissions: fs::Permissions, bytes: &[u8]) -> io::Result<()> {
    let file = beside(path, bytes)?;
    file.as_file().set_permissions(permissions)?;
    file.persist(path)?;
    Ok(())
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    beside(path, bytes)?.persist(path)?;
    Ok(())
}

/// A temporary file in the folder of `path`, which goes away by itself unless it is persisted.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder: PathBuf = folder.unwrap_or(Path::new(".")).to_owned();
    // Else the error would speak of the temporary file.
    fs::metadata(&folder)?;
    let mut file = builder().tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Temporary files are for their owner alone; an export is as any other file that the user makes.
#[cfg(unix)]
fn builder() -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;

    let mut builder = tempfile::Builder::new();
    builder.prefix(".cargo-seccomp-").permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cargo-seccomp-");
    builder
}

/// Writes into what is no file, as a pipe or a device: a rename would put a file in its place.
fn pour(path: &Path, content: Content, bytes: &[u8]) -> Result<(), Failure> {
    let write = |error| Failure::Write { path: path.to_owned(), error };
    let mut device: File = OpenOptions::new().write(true).open(path).map_err(write)?;
    if content == Content::Binary && device.is_terminal() {
        return Err(Failure::Terminal);
    }
    device.write_all(bytes).map_err(write)
}
