//! The names of functions, and whose they are.

use rustc_demangle::{Demangle, try_demangle};

/// The crates that come with rustc.
const STANDARD: [&str; 9] = [
    "std",
    "core",
    "alloc",
    "panic_unwind",
    "panic_abort",
    "compiler_builtins",
    "std_detect",
    "gimli",
    "addr2line",
];

/// A symbol as a person reads it.
pub(super) fn readable(symbol: &str) -> String {
    rust(symbol).map_or_else(|| symbol.to_owned(), |name| format!("{name:#}"))
}

/// The crate that a function is of, if it is a Rust function.
pub(crate) fn crate_of(symbol: &str) -> Option<String> {
    let name = format!("{:#}", rust(symbol)?);
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    // `<hyper::Client as core::clone::Clone>::clone` is of hyper, `<[u8] as …>` of whoever implements the trait.
    let words = name.split(|c| !is_letter(c) && c != ':').filter(|word| word.contains("::"));
    let first = words.filter_map(|path| path.split("::").next()).find(|word| !word.is_empty());
    first.map(str::to_owned)
}

fn rust(symbol: &str) -> Option<Demangle<'_>> {
    try_demangle(symbol).ok()
}

/// Whether a crate comes with rustc.
pub(crate) fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name)
}

/// Whether a library, by its name, is part of a C library.
pub(super) fn is_c_library(name: &str) -> bool {
    let parts =
        ["libc.", "ld-linux", "ld-musl", "ld64.", "libpthread.", "libdl.", "librt.", "libm.", "libresolv."];
    parts.iter().any(|part| name.starts_with(part))
}
