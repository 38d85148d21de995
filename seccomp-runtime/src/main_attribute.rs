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
    sys::write_to_stderr(line.bytes.get(..line.length).unwrap_or_default());
}

/// A line of at most so many bytes; what does not fit is left out, but for the end. Nothing in here can panic: the place
/// of a panic is a path of the machine that built the program.
struct Line {
    bytes: [u8; 256],
    length: usize,
}

impl Line {
    fn push(&mut self, text: &[u8]) {
        for byte in text {
            let last = self.length + 1 == self.bytes.len();
            if let Some(free) = self.bytes.get_mut(self.length).filter(|_| !last || *byte == b'\n') {
                *free = *byte;
                self.length += 1;
            }
        }
    }

    fn push_number(&mut self, number: i32) {
        if number < 0 {
            self.push(b"-");
        }
        let mut begun = false;
        for power in (0..10).rev().map(|exponent| 10_u32.pow(exponent)) {
            let rest = number.unsigned_abs().checked_div(power).unwrap_or_default();
            let digit = u8::try_from(rest % 10).unwrap_or_default();
            begun |= digit != 0 || power == 1;
            if begun {
                self.push(&[b'0' + digit]);
            }
        }
    }
}
