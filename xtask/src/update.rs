//! Writes the tables, and before them the data of a kernel: all of it, or nothing.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use crate::tables;

/// Changes a copy of the data with `read`, generates the tables from it, and once both have succeeded writes what is
/// generated into the folder of the compiler. Returns what `read` says.
///
/// # Errors
///
/// When a file cannot be read or written.
pub fn update(compiler: &Path, read: impl FnOnce(&Path) -> Vec<String>) -> io::Result<Vec<String>> {
    let copy = copy_of(&compiler.join("data"))?;
    let missing = read(copy.path());
    let mut replacements = kernel_files(copy.path(), &compiler.join("data/kernel"))?;
    let folder = compiler.join(tables::FOLDER);
    let tables = tables::generate(copy.path()).into_iter();
    replacements.extend(tables.map(|(name, text)| (folder.join(name), text.into_bytes())));
    replace(replacements)?;
    Ok(missing)
}

/// Writes what `read` makes of a copy of `data/kernel` into another folder, to be compared. There are no tables of it: the
/// files that are kept by hand may speak of calls that this kernel lacks.
///
/// # Errors
///
/// When a file cannot be read or written.
pub fn read_into(
    folder: &Path,
    compiler: &Path,
    read: impl FnOnce(&Path) -> Vec<String>,
) -> io::Result<Vec<String>> {
    let copy = copy_of(&compiler.join("data"))?;
    let missing = read(copy.path());
    fs::create_dir_all(folder)?;
    replace(kernel_files(copy.path(), folder)?)?;
    Ok(missing)
}

fn copy_of(data: &Path) -> io::Result<TempDir> {
    let copy = tempfile::tempdir()?;
    fs::create_dir(copy.path().join("kernel"))?;
    for folder in [Path::new(""), Path::new("kernel")] {
        for file in files(&data.join(folder))? {
            fs::copy(data.join(folder).join(&file), copy.path().join(folder).join(&file))?;
        }
    }
    Ok(copy)
}

/// The files of `kernel` in the data, as they are to be in another folder.
fn kernel_files(data: &Path, folder: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let read = |file: PathBuf| Ok((folder.join(&file), fs::read(data.join("kernel").join(file))?));
    files(&data.join("kernel"))?.into_iter().map(read).collect()
}

/// The names of the files in a folder.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name().into());
        }
    }
    Ok(names)
}

/// Writes every file under another name first, so that none is replaced unless all could be written.
fn replace(replacements: Vec<(PathBuf, Vec<u8>)>) -> io::Result<()> {
    let mut written: Vec<(NamedTempFile, PathBuf)> = Vec::new();
    for (path, text) in replacements {
        let folder = path.parent().unwrap_or(Path::new("."));
        // With the permissions of any new file, which a temporary file lacks.
        let mut file = tempfile::Builder::new().make_in(folder, |path| File::create_new(path))?;
        file.write_all(&text)?;
        written.push((file, path));
    }
    for (file, path) in written {
        file.persist(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::{Path, PathBuf};

    use tempfile::TempDir;

    use super::{files, read_into, update};
    use crate::tables;

    const FOLDERS: [&str; 3] = ["data", "data/kernel", tables::FOLDER];

    /// The data and the tables of the compiler, in a folder of their own.
    fn copy() -> TempDir {
        let compiler = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler");
        let copy = tempfile::tempdir().expect("a folder can be made");
        for folder in FOLDERS {
            fs::create_dir_all(copy.path().join(folder)).expect("a folder can be made");
            for file in files(&compiler.join(folder)).expect("the folder can be read") {
                let file = Path::new(folder).join(file);
                fs::copy(compiler.join(&file), copy.path().join(&file)).expect("a file can be copied");
            }
        }
        copy
    }

    fn contents(compiler: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let all = FOLDERS.into_iter().flat_map(|folder| {
            let names = files(&compiler.join(folder)).expect("the folder can be read");
            names.into_iter().map(move |name| Path::new(folder).join(name))
        });
        all.map(|path| (path.clone(), fs::read(compiler.join(path)).expect("a file can be read"))).collect()
    }

    #[test]
    fn what_is_read_is_written_with_the_tables_of_it() {
        let copy = copy();
        let missing = update(copy.path(), |data| {
            fs::write(data.join("kernel/version"), "Linux 8.0\n").expect("the copy can be written");
            vec!["something".to_owned()]
        });
        assert_eq!(missing.expect("all is written"), ["something"]);
        let contents = contents(copy.path());
        assert_eq!(contents[Path::new("data/kernel/version")], b"Linux 8.0\n");
        let architectures = &contents[&Path::new(tables::FOLDER).join("architectures.rs")];
        assert!(String::from_utf8_lossy(architectures).contains("\"Linux 8.0\""));
    }

    #[test]
    fn what_is_read_can_be_written_elsewhere() {
        let copy = copy();
        let before = contents(copy.path());
        let folder = tempfile::tempdir().expect("a folder can be made");
        let read = |data: &Path| {
            fs::write(data.join("kernel/version"), "Linux 6.0\n").expect("the copy can be written");
            Vec::new()
        };
        let missing = read_into(&folder.path().join("new"), copy.path(), read);
        assert_eq!(missing.expect("all is written"), [""; 0]);
        let version = fs::read_to_string(folder.path().join("new/version"));
        assert_eq!(version.expect("it is there"), "Linux 6.0\n");
        assert!(contents(copy.path()) == before);
    }

    #[test]
    fn a_failure_leaves_every_file_as_it_was() {
        let copy = copy();
        let before = contents(copy.path());
        let fails = |read: &dyn Fn(&Path)| {
            let update = || {
                let _ = update(copy.path(), |data| {
                    fs::write(data.join("kernel/version"), "Linux 8.0\n").expect("the copy can be written");
                    read(data);
                    Vec::new()
                });
            };
            assert!(catch_unwind(AssertUnwindSafe(update)).is_err());
            assert!(contents(copy.path()) == before);
        };
        fails(&|_| panic!("the source is not a kernel's"));
        // What was read makes no tables.
        fails(&|data| {
            fs::write(data.join("kernel/syscalls.csv"), "name,x86_64\n").expect("it can be written")
        });
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_every_other_as_it_was() {
        let copy = copy();
        fs::remove_dir_all(copy.path().join(tables::FOLDER)).expect("it can be removed");
        let version = || fs::read_to_string(copy.path().join("data/kernel/version")).expect("it is there");
        let data = || {
            let mut names = files(&copy.path().join("data/kernel")).expect("a folder");
            names.sort();
            names
        };
        let before = (version(), data());
        let written = update(copy.path(), |data| {
            fs::write(data.join("kernel/version"), "Linux 8.0\n").expect("the copy can be written");
            Vec::new()
        });
        assert!(written.is_err());
        assert_eq!((version(), data()), before);
    }
}
