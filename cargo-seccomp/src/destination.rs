//! Where a filter or a policy goes: a file that is written completely or not at all, or standard output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use seccomp_tools::program::Content;

use crate::outcome::Failure;
use crate::output::Output;

/// Writes to this file, or to standard output for `-`.
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

/// Writes a file that is not there yet, or any if it may be replaced, and the folder that it is in.
pub(crate) fn write_new(path: &Path, bytes: &[u8], may_replace: bool) -> Result<(), Failure> {
    let failure = |error| Failure::Write { path: path.to_owned(), error };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failure)?;
    }
    if may_replace {
        return write_file(path, Content::Text, bytes);
    }
    match beside(path, bytes).map_err(failure)?.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Failure::Exists { path: path.to_owned() })
        }
        Err(error) => Err(failure(error.error)),
    }
}

/// Whether a file can be written, as far as that can be told before it is.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    if path.as_os_str() == "-" || fs::metadata(path).is_ok_and(|file| !file.is_file()) {
        return Ok(());
    }
    let absolute =
        std::path::absolute(path).map_err(|error| Failure::Write { path: path.to_owned(), error })?;
    let folder = absolute.ancestors().skip(1).find(|folder| folder.exists());
    let checked = builder().tempfile_in(folder.unwrap_or(Path::new("/")));
    checked.map(drop).map_err(|error| Failure::Write { path: path.to_owned(), error })
}

fn write_file(path: &Path, content: Content, bytes: &[u8]) -> Result<(), Failure> {
    let failure = |error| Failure::Write { path: path.to_owned(), error };
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {
            let target = fs::canonicalize(path).map_err(failure)?;
            replace(&target, metadata.permissions(), bytes).map_err(failure)
        }
        Ok(_) => write_through(path, content, bytes),
        Err(_) => create(path, bytes).map_err(failure),
    }
}

/// Replaces a file, keeping its permissions. Readers see either the old or the new one.
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

/// A temporary file in the folder of `path`, removed again unless it is persisted.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder: PathBuf = folder.unwrap_or(Path::new(".")).to_owned();
    // Otherwise the error would name the temporary file.
    fs::metadata(&folder)?;
    let mut file = builder().tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Temporary files are readable only by their owner; an export has the permissions of any new file.
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

/// Writes to a pipe or a device, which a rename would replace by a file.
fn write_through(path: &Path, content: Content, bytes: &[u8]) -> Result<(), Failure> {
    let failure = |error| Failure::Write { path: path.to_owned(), error };
    let mut device: File = OpenOptions::new().write(true).open(path).map_err(failure)?;
    if content == Content::Binary && device.is_terminal() {
        return Err(Failure::Terminal);
    }
    device.write_all(bytes).map_err(failure)
}
