//! Decimal numbers without `core::fmt`, which would add kilobytes to a program that does not use it otherwise.

/// The digits of a number, written to the end of the buffer.
#[inline]
pub(crate) fn decimal(number: u32, buffer: &mut [u8; 16]) -> &[u8] {
    let mut start = buffer.len();
    let mut rest = number;
    loop {
        // A number has at most 10 digits. The mask proves to the compiler that the index is in range, so that it leaves
        // out the panic.
        start = start.wrapping_sub(1) & 15;
        buffer[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            return &buffer[start..];
        }
    }
}
