use std::io::{Cursor, Read};

use super::{Form, text};

const PLAIN: &[u8] = include_bytes!("../../../tests/logs/syslog.log");
const COMPRESSED: [&[u8]; 3] = [
    include_bytes!("../../../tests/logs/syslog.log.gz"),
    include_bytes!("../../../tests/logs/syslog.log.xz"),
    include_bytes!("../../../tests/logs/syslog.log.zst"),
];

fn read(bytes: &[u8]) -> (std::io::Result<usize>, Vec<u8>) {
    let mut read = Vec::new();
    let opened = text(Box::new(Cursor::new(bytes.to_vec())));
    (opened.and_then(|(mut text, _)| text.read_to_end(&mut read)), read)
}

#[test]
fn compressed_logs_are_read_however_many_were_joined() {
    for compressed in COMPRESSED {
        let (result, text) = read(compressed);
        assert!(result.is_ok() && text == PLAIN, "{result:?}");
        let (result, text) = read(&[compressed, compressed].concat());
        assert!(result.is_ok() && text == PLAIN.repeat(2), "{result:?}");
    }
}

#[test]
fn what_comes_before_the_damage_is_read_and_the_damage_is_an_error() {
    for compressed in COMPRESSED {
        for length in [9, compressed.len() / 2, compressed.len() - 9] {
            let (result, text) = read(&compressed[..length]);
            assert!(
                result.is_err() && PLAIN.starts_with(&text),
                "{length} of {}: {result:?}",
                compressed.len()
            );
        }
    }
}

#[test]
fn a_dictionary_that_needs_too_much_memory_is_refused() {
    // A frame with a window of 2 GB.
    let (result, _) = read(b"\x28\xb5\x2f\xfd\x00\xa8\x01\0\0");
    assert!(result.is_err());
}

#[test]
fn utf_16_is_read_with_and_without_a_mark() {
    let plain = String::from_utf8_lossy(PLAIN).into_owned();
    for text in [plain.clone(), format!("\u{feff}{plain}")] {
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            assert_eq!(String::from_utf8_lossy(&read(&bytes).1), plain);
        }
    }
}

#[test]
fn what_is_not_read_is_recognized() {
    for (start, form) in [
        (&b"BZh91AY"[..], Some(Form::Bzip2)),
        (b"LPKSHHRH\0", Some(Form::Journal)),
        (b"\x04\x22\x4d\x18d", Some(Form::Lz4)),
        (b"PK\x03\x04", Some(Form::Zip)),
        (b"type=SECCOMP", None),
        (b"", None),
    ] {
        let (_, found) = text(Box::new(Cursor::new(start.to_vec()))).expect("memory can be read");
        assert_eq!(found, form);
    }
}
