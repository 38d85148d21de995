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

/// Writes files into a folder: all of them, or none if one cannot be written.
pub(crate) fn write_all(folder: &Path, files: &[(String, String)], may_replace: bool) -> Result<(), Failure> {
    let failure = |path: &Path, error| Failure::Write { path: path.to_owned(), error };
    fs::create_dir_all(folder).map_err(|error| failure(folder, error))?;
    let mut staged = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        let file = stage(&path, text.as_bytes(), may_replace).map_err(|error| failure(&path, error))?;
        staged.push((file, path));
    }
    // All are on the disk by now, and only get their names.
    let mut written: Vec<PathBuf> = Vec::new();
    for (file, path) in staged {
        let named = match may_replace {
            true => file.persist(&path),
            false => file.persist_noclobber(&path),
        };
        if let Err(error) = named {
            if !may_replace {
                written.iter().for_each(|path| drop(fs::remove_file(path)));
            }
            return Err(failure(&path, error.error));
        }
        written.push(path);
    }
    Ok(())
}

/// A temporary file that can take the place of a file, with its permissions.
fn stage(path: &Path, bytes: &[u8], may_replace: bool) -> io::Result<tempfile::NamedTempFile> {
    let file = beside(path, bytes)?;
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_file() && may_replace => file.as_file().set_permissions(there.permissions())?,
        Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => {}
    }
    Ok(file)
}

/// Fails if a file cannot be created in the folder, so that the user learns of it before a command runs. A full disk, for
/// example, shows only when the file is written.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    if is_stream(path) {
        return Ok(());
    }
    let absolute = resolved(path).map_err(|error| Failure::Write { path: path.to_owned(), error })?;
    let folder = absolute.ancestors().skip(1).find(|folder| folder.exists());
    let checked = builder().tempfile_in(folder.unwrap_or(Path::new("/")));
    checked.map(drop).map_err(|error| Failure::Write { path: path.to_owned(), error })
}

/// Whether this is standard output, a pipe or a device, where what is written before stays.
pub(crate) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-" || fs::metadata(path).is_ok_and(|file| !file.is_file())
}

/// Whether one of two files would be written over the other.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    if is_stream(one) || is_stream(other) {
        return one.as_os_str() == "-" && other.as_os_str() == "-";
    }
    matches!((resolved(one), resolved(other)), (Ok(one), Ok(other)) if one == other)
}

/// The file that is written for a path, with the symbolic links resolved that lead to it or to its folder.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    if let Ok(path) = fs::canonicalize(path) {
        return Ok(path);
    }
    let absolute = std::path::absolute(path)?;
    let folder = absolute.parent().and_then(|folder| fs::canonicalize(folder).ok());
    Ok(match (folder, absolute.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => absolute,
    })
}

/// Keeps other processes of this command from writing a file until the lock is dropped. None if the file does not exist,
/// or cannot be locked.
#[cfg(unix)]
pub(crate) fn locked(path: &Path) -> Option<impl Drop> {
    use std::os::unix::fs::MetadataExt;

    use std::thread;
    use std::time::{Duration, Instant};

    use nix::errno::Errno;
    use nix::fcntl::{Flock, FlockArg};

    /// Others have a lock only while they read and write the file.
    const PATIENCE: Duration = Duration::from_secs(10);

    let begun = Instant::now();
    loop {
        let lock = match Flock::lock(File::open(path).ok()?, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => lock,
            Err((_, Errno::EWOULDBLOCK)) if begun.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(10));
                continue;
            }
            // The file system knows no locks, or somebody else has it, who may be waiting for this process.
            Err(_) => return None,
        };
        let identity = |file: fs::Metadata| (file.dev(), file.ino());
        let locked = lock.metadata().ok().map(identity);
        // Whoever had the lock before has replaced the file.
        if locked == fs::metadata(path).ok().map(identity) {
            return Some(lock);
        }
    }
}

/// Elsewhere, nothing can be recorded.
#[cfg(not(unix))]
pub(crate) fn locked(_: &Path) -> Option<File> {
    None
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
