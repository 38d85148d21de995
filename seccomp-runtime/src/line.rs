//! A line for standard error, written in one piece and without `core::fmt`, which would add kilobytes to a program that
//! does not use it otherwise.

use crate::decimal::decimal;
use crate::sys;

const LENGTH: usize = 1024;

/// A line that keeps its end when it is too long for the buffer. Nothing here can panic: a panic would put a path of
/// the machine that built the program into the binary.
pub(crate) struct Line {
    bytes: [u8; LENGTH],
    length: usize,
}

impl Line {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; LENGTH], length: 0 }
    }

    /// Not inlined, like all of these methods: there are many calls, and they seldom run.
    #[inline(never)]
    pub(crate) fn push(&mut self, text: &str) {
        for byte in text.bytes() {
            self.push_byte(byte);
        }
    }

    pub(crate) fn push_byte(&mut self, byte: u8) {
        let last = self.length + 1 == self.bytes.len();
        if let Some(free) = self.bytes.get_mut(self.length).filter(|_| !last || byte == b'\n') {
            *free = byte;
            self.length += 1;
        }
    }

    #[inline(never)]
    pub(crate) fn push_number(&mut self, number: i32) {
        if number < 0 {
            self.push("-");
        }
        self.push_decimal(number.unsigned_abs());
    }

    pub(crate) fn push_decimal(&mut self, number: u32) {
        for digit in decimal(number, &mut [0; 16]) {
            self.push_byte(*digit);
        }
    }

    #[inline(never)]
    pub(crate) fn push_hexadecimal(&mut self, number: u64) {
        self.push("0x");
        let digits = (64 - number.leading_zeros()).div_ceil(4).max(1);
        for digit in (0..digits).rev() {
            let digit = u8::try_from(number >> (4 * digit) & 15).unwrap_or_default();
            self.push_byte(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
        }
    }

    /// A file mode, as chmod(1) writes it.
    pub(crate) fn push_octal(&mut self, number: u64) {
        let digits = (64 - number.leading_zeros()).div_ceil(3);
        for digit in (0..=digits).rev() {
            self.push_byte(b'0' + u8::try_from(number >> (3 * digit) & 7).unwrap_or_default());
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    pub(crate) fn write_to_stderr(&self) {
        sys::write(sys::STANDARD_ERROR, self.bytes());
    }
}
