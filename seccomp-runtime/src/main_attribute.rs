//! What `#[policy]` does before the body of `main`.

use crate::error::InstallError;
use crate::filter::Filter;
use crate::line::Line;
use crate::sys;

/// Installs the filter, or prints why not and exits.
#[doc(hidden)]
#[inline]
pub fn install_or_exit(filter: &'static Filter, policy: &'static str) {
    if let Err(error) = filter.install() {
        report(policy, &error);
        sys::exit(1);
    }
}

/// Installs the filter, or prints why not and goes on.
#[doc(hidden)]
#[inline]
pub fn install_or_warn(filter: &'static Filter, policy: &'static str) {
    if let Err(error) = filter.install() {
        report(policy, &error);
    }
}

/// One line on standard error.
#[cold]
#[inline(never)]
fn report(policy: &str, error: &InstallError) {
    let mut line = Line::new();
    let (text, number) = error.words();
    line.push("seccomp: the filter of ");
    line.push(policy);
    line.push(" is not installed: ");
    line.push(text);
    if let Some(number) = number {
        line.push_number(number);
    }
    line.push("\n");
    line.write_to_stderr();
}
