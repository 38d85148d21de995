//! Integers in a scalar, for the parts that YAML does not read: `0x10` in `0x10 | CLONE_NEWNET`, or `errno(0x10)`.

/// An integer as Beats reads it: with a sign, in base 2, 8, 10 or 16 after `0b`, `0o` or `0x` in either case, and with
/// `_` between its digits. One that is too large saturates. `None` for anything else, also for a decimal number with
/// leading zeros, which YAML 1.1 and 1.2 read differently.
pub(crate) fn integer(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => return None,
        _ => (10, unsigned),
    };
    // Each `_` has a digit on both sides.
    let mut value = 0_i128;
    for group in digits.split('_') {
        if group.is_empty() {
            return None;
        }
        for digit in group.chars() {
            let digit = i128::from(digit.to_digit(radix)?);
            value = value.saturating_mul(i128::from(radix)).saturating_add(digit);
        }
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn integers_are_read_as_beats_reads_them_or_not_at_all() {
        let read = [
            ("0", 0),
            ("16", 16),
            ("+5", 5),
            ("-5", -5),
            ("0x10", 16),
            ("0X1f", 31),
            ("-0x10", -16),
            ("0o17", 15),
            ("0O17", 15),
            ("0b101", 5),
            ("0B11", 3),
            ("1_000", 1000),
            ("0xff_ff", 0xffff),
            ("18446744073709551615", u64::MAX.into()),
        ];
        for (text, value) in read {
            assert_eq!(integer(text), Some(value), "{text}");
        }
        for text in [
            "", "+", "-", "_", "0x", "0b", "0b2", "0o8", "1_", "_1", "1__0", "0x_1", "--1", "+-1", "0755",
            "00", "1e3", "1.0", "1:30", "2 # two", "'5'", "!!int 5", " 5", "5 ", "１",
        ] {
            assert_eq!(integer(text), None, "{text}");
        }
        assert_eq!(integer(&"9".repeat(60)), Some(i128::MAX));
    }
}
