//! What `#[policy]` does before the body of `main`.
//!
//! All of it is inlined there, down to the system calls: as the filter is known when the program is built, only the
//! errors that are possible for it, and their messages, end up in the program. `inline(always)` is where the compiler
//! would not inline by itself.

use crate::decimal::decimal;
use crate::error::{InstallError, SEE_LINE};
use crate::filter::Filter;
use crate::sys;

/// Installs the filter, or prints why that failed, after the prefix, and exits.
#[doc(hidden)]
#[inline]
pub fn install_or_exit(filter: &'static Filter, prefix: &'static str) {
    if let Err(error) = filter.install() {
        print(prefix, error);
        sys::exit(1);
    }
}

/// Installs the filter, or prints why that failed, after the prefix, and goes on.
#[doc(hidden)]
#[inline]
pub fn install_or_warn(filter: &'static Filter, prefix: &'static str) {
    if let Err(error) = filter.install() {
        print(prefix, error);
    }
}

/// One line on standard error.
#[inline(always)]
fn print(prefix: &str, error: InstallError) {
    let (text, detail) = error.message();
    let mut digits = [0; 16];
    let number = match detail.number() {
        Some(number) => decimal(number.unsigned_abs(), &mut digits),
        None => &[],
    };
    let detail = detail.name().map_or(number, str::as_bytes);
    sys::write_line(sys::STANDARD_ERROR, [prefix.as_bytes(), text.as_bytes(), detail, SEE_LINE.as_bytes()]);
}
