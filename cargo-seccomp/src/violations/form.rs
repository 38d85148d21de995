//! What an input may be that holds no records to read: text in a form that must be changed first.

/// What to do with an input that begins with these bytes, where it is one of the known forms.
pub(crate) fn advice(start: &[u8]) -> Option<&'static str> {
    const FORMS: [(&[u8], &str); 8] = [
        (b"\x1f\x8b", "it is compressed: `zcat FILE | cargo seccomp violations --source -`"),
        (b"\x28\xb5\x2f\xfd", "it is compressed: `zstdcat FILE | cargo seccomp violations --source -`"),
        (b"\xfd7zXZ\0", "it is compressed: `xzcat FILE | cargo seccomp violations --source -`"),
        (b"BZh", "it is compressed: `bzcat FILE | cargo seccomp violations --source -`"),
        (b"\xff\xfe", "it is UTF-16: `iconv -f UTF-16 -t UTF-8 FILE | cargo seccomp violations --source -`"),
        (b"\xfe\xff", "it is UTF-16: `iconv -f UTF-16 -t UTF-8 FILE | cargo seccomp violations --source -`"),
        (
            b"LPKSHHRH",
            "it is a journal: `journalctl --file FILE _TRANSPORT=kernel | cargo seccomp violations --source -`",
        ),
        (b"{", "it is JSON, which is not read: `journalctl -k -o cat | cargo seccomp violations --source -`"),
    ];
    FORMS.into_iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, advice)| advice)
}
