//! Reads the policy and the files that it includes: the only I/O of the macros.

use std::env::{self, VarError};
use std::io;
use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;
use seccomp_compiler::{Diagnostics, LoadError, SourceFile, Sources};
use syn::LitStr;

use crate::input::{Compile, Source};
use crate::suggest;

/// The policy, from its file or from the author's code.
pub(crate) fn load(source: &Source) -> Result<SourceFile, Diagnostics> {
    match source {
        Source::Inline(text) => Ok(SourceFile::new(source.name(), text.value())),
        Source::File(path) => file(&path.value()).map_err(|reason| {
            let name = if path.value().is_empty() { "\"\"".to_owned() } else { path.value() };
            Diagnostics::unreadable(&name, reason)
        }),
    }
}

/// A file that the author names, or why it cannot be read.
pub(crate) fn file(path: &str) -> Result<SourceFile, LoadError> {
    if path.is_empty() {
        return Err(LoadError::Other("the path is empty".to_owned()));
    }
    if Path::new(path).is_absolute() {
        return Err(LoadError::Other("the path must be relative to the package's Cargo.toml".to_owned()));
    }
    match read(path) {
        Ok(bytes) => Ok(SourceFile::new(path, bytes)),
        Err(LoadError::NotFound) => Err(LoadError::Other(missing(path)?)),
        Err(error) => Err(error),
    }
}

/// What to say of a file that does not exist: where it was looked for, and which one may be meant.
fn missing(path: &str) -> Result<String, LoadError> {
    let tried = in_package(path).map_err(LoadError::Other)?;
    let package = in_package("").map_err(LoadError::Other)?;
    let hint = match suggest::instead_of(path, Path::new(&package)) {
        Some(other) => format!("; did you mean `{other}`?"),
        None => String::new(),
    };
    Ok(format!("no such file: {tried}; the path must be relative to the package's Cargo.toml{hint}"))
}

/// The bytes of a file of the package, or why it cannot be read.
pub(crate) fn read(path: &str) -> Result<Vec<u8>, LoadError> {
    let absolute = in_package(path).map_err(LoadError::Other)?;
    // Reading a pipe or a device might never end.
    if std::fs::metadata(&absolute).is_ok_and(|file| !file.is_file() && !file.is_dir()) {
        return Err(LoadError::NotAFile);
    }
    let bytes = std::fs::read(absolute).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => LoadError::NotFound,
        io::ErrorKind::IsADirectory => LoadError::IsDirectory,
        io::ErrorKind::PermissionDenied => LoadError::PermissionDenied,
        _ => LoadError::Other(error.to_string()),
    })?;
    refuse_links(path)?;
    Ok(bytes)
}

/// Refuses a path below the package that leads through a symbolic link, where cargo builds: it goes by the time of the
/// file at the end, so that a link that is turned to an older file would leave the old filter in place.
fn refuse_links(path: &str) -> Result<(), LoadError> {
    if env::var_os("CARGO").is_none() {
        return Ok(());
    }
    for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
        let part = &path[..end];
        let absolute = in_package(part).map_err(LoadError::Other)?;
        if !part.is_empty() && std::fs::symlink_metadata(absolute).is_ok_and(|file| file.is_symlink()) {
            return Err(LoadError::Other(format!(
                "`{part}` is a symbolic link, and cargo would not notice if it came to lead to another, older file; \
                 give the path of the file itself"
            )));
        }
    }
    Ok(())
}

/// The absolute path of a file of the package.
fn in_package(path: &str) -> Result<String, String> {
    match env::var("CARGO_MANIFEST_DIR") {
        Ok(package) => Ok(format!("{package}/{path}")),
        Err(VarError::NotPresent) => {
            Err("CARGO_MANIFEST_DIR is not set, so the package is unknown".to_owned())
        }
        Err(VarError::NotUnicode(_)) => Err("the path of the package is not UTF-8".to_owned()),
    }
}

/// Statements with which rustc tracks the files, so that a change to one rebuilds the crate. In the initialiser of a
/// constant or a static, they leave nothing of the files in the binary.
pub(crate) fn tracking(input: &Compile, sources: &Sources) -> TokenStream {
    let is_inline = matches!(input.source, Source::Inline(_));
    let policies = sources.iter().skip(usize::from(is_inline)).map(|file| file.name().to_owned());
    let names = policies.chain(input.profile.iter().map(LitStr::value));
    let paths = names.filter_map(|name| in_package(&name).ok());
    paths.map(|path| quote!(let _ = ::core::include_bytes!(#path);)).collect()
}
