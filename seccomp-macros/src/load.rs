//! Reads the policy that the caller names: the only I/O of the macros.

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;
use seccomp_compiler::{Diagnostics, SourceFile};

use crate::input::Source;

/// A policy and what makes rustc watch its file.
pub(crate) struct Loaded {
    pub(crate) file: SourceFile,
    pub(crate) tracking: TokenStream,
}

pub(crate) fn load(source: &Source) -> Result<Loaded, Diagnostics> {
    let path = match source {
        Source::Text(text) => {
            let file = SourceFile::new(source.name(), text.value());
            return Ok(Loaded { file, tracking: TokenStream::new() });
        }
        Source::File(path) => path.value(),
    };
    let unreadable = |reason: &str| Diagnostics::unreadable(&source.name(), reason);
    if path.is_empty() {
        return Err(Diagnostics::unreadable("\"\"", "the path is empty"));
    }
    if Path::new(&path).is_absolute() {
        return Err(unreadable("the path is not relative to the package's Cargo.toml"));
    }
    let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else {
        return Err(unreadable("CARGO_MANIFEST_DIR is not set, so the package is not known"));
    };
    match std::fs::read(package.join(&path)) {
        Ok(bytes) => Ok(Loaded { file: SourceFile::new(source.name(), bytes), tracking: tracking(&path) }),
        Err(error) => {
            let reason = match error.kind() {
                std::io::ErrorKind::NotFound => "no such file beside the package's Cargo.toml".to_owned(),
                std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
                std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
                _ => error.to_string(),
            };
            Err(unreadable(&reason))
        }
    }
}

/// An unused constant that has the file in it: a change to the file rebuilds, and nothing of it stays in the binary.
fn tracking(path: &str) -> TokenStream {
    let path = format!("/{path}");
    quote! {
        const _: &[::core::primitive::u8] =
            ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #path));
    }
}
