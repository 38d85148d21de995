//! UTF-16 as UTF-8.

use std::io::{self, Read};

/// Decodes what it reads.
pub(super) struct Utf16<R> {
    reader: R,
    is_big_endian: bool,
    /// What was decoded and not yet read.
    text: Vec<u8>,
    position: usize,
    /// Bytes of a character that is not whole yet.
    rest: Vec<u8>,
}

impl<R> Utf16<R> {
    pub(super) fn new(reader: R, is_big_endian: bool) -> Self {
        Self { reader, is_big_endian, text: Vec::new(), position: 0, rest: Vec::new() }
    }

    /// The byte order of a text that begins like this, if it is UTF-16: with a mark, or with characters of ASCII.
    pub(super) fn is_big_endian(start: &[u8]) -> Option<bool> {
        match *start {
            [0xff, 0xfe, ..] => Some(false),
            [0xfe, 0xff, ..] => Some(true),
            [1..=0x7f, 0, 1..=0x7f, 0, 1..=0x7f, 0, ..] => Some(false),
            [0, 1..=0x7f, 0, 1..=0x7f, 0, 1..=0x7f, ..] => Some(true),
            _ => None,
        }
    }
}

impl<R: Read> Utf16<R> {
    fn decode(&mut self, is_end: bool) {
        let (pairs, odd) = self.rest.as_chunks::<2>();
        let unit = |pair: &[u8; 2]| {
            if self.is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }
        };
        let units: Vec<u16> = pairs.iter().map(unit).collect();
        // The second half of a pair of surrogates may still come.
        let is_half = !is_end && units.last().is_some_and(|last| (0xd800..0xdc00).contains(last));
        let whole = &units[..units.len() - usize::from(is_half)];
        let text: String = char::decode_utf16(whole.iter().copied())
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        let left = odd.len() + 2 * usize::from(is_half);
        self.rest.drain(..self.rest.len() - left);
        self.text = text.strip_prefix('\u{feff}').unwrap_or(&text).as_bytes().to_vec();
        self.position = 0;
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.position == self.text.len() {
            let mut buffer = [0; 4096];
            let read = self.reader.read(&mut buffer)?;
            self.rest.extend_from_slice(&buffer[..read]);
            self.decode(read == 0);
            if read == 0 && self.text.is_empty() {
                return Ok(0);
            }
        }
        let read = (&self.text[self.position..]).read(into)?;
        self.position += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::Utf16;

    /// Reads three bytes at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let most = into.len().min(3);
            self.0.read(&mut into[..most])
        }
    }

    #[test]
    fn both_orders_are_decoded_however_they_arrive() {
        let text = "type=SECCOMP é 💩\n".repeat(999);
        for is_big_endian in [false, true] {
            let bytes = |unit: u16| if is_big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let bytes: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            assert_eq!(Utf16::<&[u8]>::is_big_endian(&bytes), Some(is_big_endian));
            let mut decoded = String::new();
            Utf16::new(Slow(&bytes), is_big_endian).read_to_string(&mut decoded).expect("memory can be read");
            assert_eq!(decoded, text);
        }
        assert_eq!(Utf16::<&[u8]>::is_big_endian(b"type=SECCOMP"), None);
    }

    #[test]
    fn half_a_character_at_the_end_is_replaced() {
        let mut decoded = String::new();
        Utf16::new(&b"a\0\0\xd8"[..], false).read_to_string(&mut decoded).expect("memory can be read");
        assert_eq!(decoded, "a\u{fffd}");
        decoded.clear();
        Utf16::new(&b"a\0b"[..], false).read_to_string(&mut decoded).expect("memory can be read");
        assert_eq!(decoded, "a");
    }
}
