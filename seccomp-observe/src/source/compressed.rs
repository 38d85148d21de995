//! Text as it was before it was compressed, and in UTF-8: gzip, xz and zstd are told by their first bytes, UTF-16 by its
//! mark or by its zeros.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::utf16::Utf16;
use crate::record::Form;

/// What is read.
pub(super) type Input = Box<dyn Read + Send>;

/// The most memory that decompression may take: what `xz -9` and `zstd --long` need.
const MOST_MEMORY: u32 = 128 << 20;

/// How often a text may be compressed.
const DEEPEST: usize = 3;

/// How many of the first bytes tell what a text is.
const TELLING: usize = 8;

/// The text in an input, and what it looks like if it is something that is not read.
pub(super) fn text(mut input: Input) -> io::Result<(Input, Option<Form>)> {
    for _ in 0..DEEPEST {
        let start = start(&mut input)?;
        let again = Cursor::new(start.clone()).chain(input);
        input = match &*start {
            [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(BufReader::new(again))),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
                Box::new(XzReader::new_mem_limit(BufReader::new(again), true, MOST_MEMORY >> 10))
            }
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(Zstd::new(Box::new(BufReader::new(again)))),
            start => {
                let form = Form::find(start);
                let is_utf16 = Utf16::<Input>::is_big_endian(start);
                let input: Input = match is_utf16 {
                    Some(is_big_endian) => Box::new(Utf16::new(again, is_big_endian)),
                    None => Box::new(again),
                };
                return Ok((input, form));
            }
        };
    }
    Ok((input, None))
}

/// The first bytes; fewer than the telling ones only at the end.
fn start(input: &mut Input) -> io::Result<Vec<u8>> {
    let mut start = vec![0; 4096];
    let mut length = 0;
    while length < TELLING {
        match input.read(&mut start[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    start.truncate(length);
    Ok(start)
}

/// One frame after the other.
struct Zstd {
    decoder: FrameDecoder,
    is_in_frame: bool,
    rest: Box<dyn BufRead + Send>,
}

impl Zstd {
    fn new(rest: Box<dyn BufRead + Send>) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MOST_MEMORY.into());
        Self { decoder, is_in_frame: false, rest }
    }

    /// Begins the next frame; false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.rest.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.rest) {
                Ok(()) => {
                    self.is_in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    io::copy(&mut self.rest.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(error) => return Err(invalid(&error)),
            }
        }
        Ok(false)
    }
}

impl Read for Zstd {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.is_in_frame || self.begin()? {
            while !self.decoder.is_finished() && self.decoder.can_collect() == 0 {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.rest, one).map_err(|error| invalid(&error))?;
            }
            let read = self.decoder.read(into)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            self.is_in_frame = false;
        }
        Ok(0)
    }
}

fn invalid(error: &FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

#[cfg(test)]
mod tests;
