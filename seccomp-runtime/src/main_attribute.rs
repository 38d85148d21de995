//! What `#[policy]` does before the body of `main`.
//!
//! All of it is inlined there, down to the system calls. The filter is known when the program is built, and so only the
//! errors that it can meet, and their words, are in the program. `inline(always)` is where the compiler would not by
//! itself.

use crate::decimal::decimal;
use crate::error::InstallError;
use crate::filter::Filter;
use crate::sys;

/// Installs the filter, or prints why not, after these words, and exits.
#[doc(hidden)]
#[inline]
pub fn install_or_exit(filter: &'static Filter, not_installed: &'static str) {
    if let Err(error) = filter.install() {
        report(not_installed, error);
        sys::exit(1);
    }
}

/// Installs the filter, or prints why not, after these words, and goes on.
#[doc(hidden)]
#[inline]
pub fn install_or_warn(filter: &'static Filter, not_installed: &'static str) {
    if let Err(error) = filter.install() {
        report(not_installed, error);
    }
}

/// One line on standard error.
#[inline(always)]
fn report(not_installed: &str, error: InstallError) {
    let (text, detail) = error.message();
    let mut digits = [0; 16];
    let number = match detail.number() {
        Some(number) => decimal(number.unsigned_abs(), &mut digits),
        None => &[],
    };
    let detail = detail.name().map_or(number, str::as_bytes);
    sys::write_line(sys::STANDARD_ERROR, [not_installed.as_bytes(), text.as_bytes(), detail, b"\n"]);
}
