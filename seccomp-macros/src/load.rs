//! Reads the policy that the caller names, and what it includes: the only I/O of the macros.

use std::env::{self, VarError};
use std::io;
use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;
use seccomp_compiler::{Diagnostics, SourceFile, Sources};

use crate::input::Source;

/// The policy, from its file or from the caller's code.
pub(crate) fn load(source: &Source) -> Result<SourceFile, Diagnostics> {
    let path = match source {
        Source::Inline(text) => return Ok(SourceFile::new(source.name(), text.value())),
        Source::File(path) => path.value(),
    };
    let unreadable = |reason: &str| Diagnostics::unreadable(&source.name(), reason);
    if path.is_empty() {
        return Err(Diagnostics::unreadable("\"\"", "the path is empty"));
    }
    if Path::new(&path).is_absolute() {
        return Err(unreadable("the path is not relative to the package's Cargo.toml"));
    }
    match read(&path) {
        Ok(bytes) => Ok(SourceFile::new(path, bytes)),
        Err(reason) if reason == MISSING => {
            Err(unreadable(&format!("{reason} beside the package's Cargo.toml")))
        }
        Err(reason) => Err(unreadable(&reason)),
    }
}

const MISSING: &str = "no such file";

/// The bytes of a file of the package, or why there are none.
pub(crate) fn read(path: &str) -> Result<Vec<u8>, String> {
    let path = in_package(path)?;
    // A pipe or a device would not end.
    if std::fs::metadata(&path).is_ok_and(|file| !file.is_file() && !file.is_dir()) {
        return Err("it is not a regular file".to_owned());
    }
    std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => MISSING.to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    })
}

/// A path from the package's `Cargo.toml` on, as an absolute one.
fn in_package(path: &str) -> Result<String, String> {
    match env::var("CARGO_MANIFEST_DIR") {
        Ok(package) => Ok(format!("{package}/{path}")),
        Err(VarError::NotPresent) => {
            Err("CARGO_MANIFEST_DIR is not set, so the package is not known".to_owned())
        }
        Err(VarError::NotUnicode(_)) => Err("the path of the package is not UTF-8".to_owned()),
    }
}

/// Statements that have rustc watch the files: a change to one rebuilds. They belong where a constant is evaluated, so
/// that nothing of the files stays in the binary.
pub(crate) fn tracking(source: &Source, sources: &Sources) -> TokenStream {
    let in_place = matches!(source, Source::Inline(_));
    let read = sources.iter().skip(usize::from(in_place));
    // What was read has a path. Absolute, it takes rustc less than to look the package up again.
    let paths = read.filter_map(|file| in_package(file.name()).ok());
    paths.map(|path| quote!(let _ = ::core::include_bytes!(#path);)).collect()
}
