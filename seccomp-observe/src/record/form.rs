//! What an input may be in which no records are found: text in a form that has to be converted first.

use core::fmt;

/// A form of text that is not read as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Compressed by bzip2.
    Bzip2,
    /// Compressed by lz4.
    Lz4,
    /// An archive.
    Zip,
    /// A file of systemd-journald's.
    Journal,
}

const FORMS: [(&[u8], Form); 4] = [
    (b"BZh", Form::Bzip2),
    (b"\x04\x22\x4d\x18", Form::Lz4),
    (b"PK\x03\x04", Form::Zip),
    (b"LPKSHHRH", Form::Journal),
];

impl Form {
    /// The form of an input that begins with these bytes; `None` for plain text.
    pub fn find(start: &[u8]) -> Option<Self> {
        FORMS.into_iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, form)| form)
    }

    /// The shell command that prints `FILE` as plain text.
    pub fn converter(self) -> &'static str {
        match self {
            Self::Bzip2 => "bzcat FILE",
            Self::Lz4 => "lz4cat FILE",
            Self::Zip => "unzip -p FILE",
            Self::Journal => "journalctl --file FILE -o export",
        }
    }
}

/// What the input is, to complete "the input seems to be".
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bzip2 | Self::Lz4 => "compressed",
            Self::Zip => "an archive",
            Self::Journal => "a journal file",
        })
    }
}
