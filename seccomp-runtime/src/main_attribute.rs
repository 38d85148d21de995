//! What `#[policy]` does before the body of `main`.

use crate::error::InstallError;
use crate::filter::Filter;
use crate::sys;

/// Installs the filter, or prints why not and exits.
#[doc(hidden)]
#[inline]
pub fn install_or_exit(filter: &'static Filter, policy: &'static str) {
    if let Err(error) = filter.install() {
        report(policy, &error);
        sys::exit();
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

/// One line on standard error, written in one piece and without formatting, which would add kilobytes to a program
/// that has no other use for it.
#[cold]
#[inline(never)]
fn report(policy: &str, error: &InstallError) {
    let mut line = Line { bytes: [0; 256], length: 0 };
    let (text, number) = error.words();
    line.push(b"seccomp: the filter of ");
    line.push(policy.as_bytes());
    line.push(b" is not installed: ");
    line.push(text.as_bytes());
    if let Some(number) = number {
        line.push_number(number);
    }
    line.push(b"\n");
    sys::write_to_stderr(&line.bytes[..line.length]);
}

/// A line of at most so many bytes; what does not fit is left out, but for the end.
struct Line {
    bytes: [u8; 256],
    length: usize,
}

impl Line {
    fn push(&mut self, text: &[u8]) {
        for byte in text {
            if self.length < self.bytes.len() - 1 || *byte == b'\n' && self.length < self.bytes.len() {
                self.bytes[self.length] = *byte;
                self.length += 1;
            }
        }
    }

    fn push_number(&mut self, number: i32) {
        let mut digits = [0_u8; 10];
        let mut rest = number.unsigned_abs();
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            self.push(b"-");
        }
        self.push(&digits[first..]);
    }
}
