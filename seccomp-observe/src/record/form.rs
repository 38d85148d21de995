//! What an input may be in which no records are found: text in a form that has to be converted first.

use core::fmt;

/// A form of text that is not read as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Compressed by gzip.
    Gzip,
    /// Compressed by zstd.
    Zstd,
    /// Compressed by xz.
    Xz,
    /// Compressed by bzip2.
    Bzip2,
    /// UTF-16.
    Utf16,
    /// A file of systemd-journald's.
    Journal,
    /// JSON, such as `journalctl -o json` writes.
    Json,
}

const FORMS: [(&[u8], Form); 8] = [
    (b"\x1f\x8b", Form::Gzip),
    (b"\x28\xb5\x2f\xfd", Form::Zstd),
    (b"\xfd7zXZ\0", Form::Xz),
    (b"BZh", Form::Bzip2),
    (b"\xff\xfe", Form::Utf16),
    (b"\xfe\xff", Form::Utf16),
    (b"LPKSHHRH", Form::Journal),
    (b"{", Form::Json),
];

impl Form {
    /// The form of an input that begins with these bytes; `None` for plain text.
    pub fn find(start: &[u8]) -> Option<Self> {
        FORMS.into_iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, form)| form)
    }

    /// The shell command that prints `FILE` as plain text.
    pub fn converter(self) -> &'static str {
        match self {
            Self::Gzip => "zcat FILE",
            Self::Zstd => "zstdcat FILE",
            Self::Xz => "xzcat FILE",
            Self::Bzip2 => "bzcat FILE",
            Self::Utf16 => "iconv -f UTF-16 -t UTF-8 FILE",
            Self::Journal => "journalctl --file FILE _TRANSPORT=kernel",
            Self::Json => "journalctl -k -o cat",
        }
    }
}

/// What the input is, to complete "the input seems to be".
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip | Self::Zstd | Self::Xz | Self::Bzip2 => "compressed",
            Self::Utf16 => "UTF-16",
            Self::Journal => "a journal file",
            Self::Json => "JSON",
        })
    }
}
