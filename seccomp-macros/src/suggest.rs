//! Which file may be meant by a path that leads to none.

use std::fs;
use std::path::{Path, PathBuf};

use seccomp_compiler::nearest;

/// How many parents of the package may be the workspace.
const PARENTS: usize = 4;
/// How deep below the package files are looked for, and among how many.
const DEPTH: usize = 4;
const FILES: usize = 2000;

/// A file that exists, as a path relative to the package: the same path from the root of the workspace, else one in
/// the package with the same or a similar name.
pub(crate) fn instead_of(path: &str, package: &Path) -> Option<String> {
    from_a_parent(path, package).or_else(|| in_the_package(path, package))
}

fn from_a_parent(path: &str, package: &Path) -> Option<String> {
    let parents = package.ancestors().skip(1).take(PARENTS).enumerate();
    parents.filter(|(_, parent)| parent.join(path).is_file()).find_map(|(index, parent)| {
        match parent.join(path).strip_prefix(package) {
            Ok(inside) => inside.to_str().map(str::to_owned),
            Err(_) => Some(format!("{}{path}", "../".repeat(index + 1))),
        }
    })
}

fn in_the_package(path: &str, package: &Path) -> Option<String> {
    let mut files = Vec::new();
    collect(package, DEPTH, &mut files);
    let mut files: Vec<&str> =
        files.iter().filter_map(|file| file.strip_prefix(package).ok()?.to_str()).collect();
    files.sort_unstable();
    let wanted = name(path);
    let same = files.iter().find(|file| name(file) == wanted);
    let similar = || {
        let similar = nearest(stem(wanted), files.iter().map(|file| stem(name(file))))?;
        files.iter().find(|file| stem(name(file)) == similar)
    };
    same.or_else(similar).map(|file| (*file).to_owned())
}

fn name(file: &str) -> &str {
    file.rsplit_once('/').map_or(file, |(_, name)| name)
}

fn stem(name: &str) -> &str {
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// The YAML and JSON files below a folder, without those of builds and of version control.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if files.len() == FILES {
            return;
        }
        let (path, name) = (entry.path(), entry.file_name());
        let Ok(kind) = entry.file_type() else { continue };
        let is_skipped = name == "target" || name.as_encoded_bytes().first() == Some(&b'.');
        if kind.is_dir() && depth > 0 && !is_skipped {
            collect(&path, depth - 1, files);
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
        {
            files.push(path);
        }
    }
}
