//! Logs as several systems write them, and what is decoded from them: `NAME.log` and `NAME.jsonl`.
//!
//! `BLESS=1 cargo test -p seccomp-observe --test decoding logs` writes the latter.

use std::fs;
use std::path::PathBuf;

use seccomp_observe::source::Source;
use seccomp_observe::{Event, Form, Loss, Violation, decode, records};

use crate::read;

/// Every log of the folder.
pub(crate) fn all() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
    let entries = fs::read_dir(folder).expect("the folder of logs");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut logs: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "log")).collect();
    logs.sort();
    logs
}

#[test]
fn every_log_is_decoded_as_expected() {
    for log in all() {
        let (reading, output) = read(&fs::read(&log).expect("a log"), "json");
        let expected = log.with_extension("jsonl");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &output).expect("the folder is writable");
        }
        assert_eq!(output, fs::read_to_string(&expected).expect("what is expected"), "{}", log.display());
        let understood = output.lines().filter(|line| !line.contains("\"gap\":")).count();
        assert_eq!(reading.tally().records(), output.lines().count() as u64);
        assert_eq!(reading.tally().understood(), understood as u64);
    }
}

#[test]
fn only_the_violations_of_the_named_programs_are_kept() {
    let log = all().into_iter().find(|log| log.ends_with("ubuntu-dmesg.log")).expect("the log");
    let text = fs::read(log).expect("a log");
    let is_hello = |violation: &Violation| violation.is_by("hello");
    let hello =
        text.split(|byte| *byte == b'\n').flat_map(records).map(|record| decode(&record)).filter(is_hello);
    assert_eq!(hello.count(), 2);
}

#[test]
fn the_form_of_an_input_without_records_is_recognized() {
    let record = "type=SECCOMP msg=audit(1.000:1): arch=c000003e syscall=41 code=0x50000 comm=\"a\"\n";
    let utf_16: Vec<u8> = ["\u{feff}", record].concat().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&[u8], Form); 6] = [
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", Form::Gzip),
        (b"\x28\xb5\x2f\xfd\x24\0\x01\0\0\x99\xe9\xd8\x51", Form::Zstd),
        (b"\xfd7zXZ\0\0\x04", Form::Xz),
        (&utf_16, Form::Utf16),
        (b"\n{\"MESSAGE\":\"SECCOMP auid=0 comm=\\\"a\\\"\"}\n", Form::Json),
        (
            br#"{"MESSAGE":"audit: type=1326 audit(1.000:1): arch=c000003e syscall=41 code=0x50000","_PID":"1"}"#,
            Form::Json,
        ),
    ];
    for (text, form) in cases {
        assert_eq!(read(text, "table").0.form(), Some(form));
    }
    for text in ["", "\n", "a plain line\n{\n", &format!("{{}}\n{record}")] {
        assert_eq!(read(text.as_bytes(), "table").0.form(), None, "{text}");
    }
}

#[test]
fn a_time_that_does_not_fit_is_left_out() {
    for seconds in ["99999999999999999", "18446744073709551615", "99999999999999999999"] {
        let (_, output) = read(format!("type=SECCOMP msg=audit({seconds}").as_bytes(), "json");
        assert!(output.contains("\"gap\":") && !output.contains("\"time\":"), "{output}");
    }
}

#[test]
fn an_endless_line_is_cut_and_counted() {
    let record = "type=SECCOMP msg=audit(1.000:1): arch=c000003e syscall=41 code=0x50000 comm=\"a\" ";
    let (reading, output) = read(format!("{record}{}\n{record}\n", "x".repeat(1 << 20)).as_bytes(), "table");
    assert!(output.contains("    2  a"), "{output}");
    assert_eq!(reading.tally().losses(), [Loss::CutLines(1)]);
}

#[test]
fn a_source_can_be_read_event_by_event() {
    let mut source = Source::text("memory", &b"one\r\ntwo"[..]);
    let mut lines = Vec::new();
    while let Event::Line(line) = source.next_event().expect("memory can be read") {
        lines.push(String::from_utf8_lossy(line.bytes).into_owned());
    }
    assert_eq!(lines, ["one", "two"]);
}

#[test]
fn a_signal_has_the_number_of_its_architecture() {
    let record = "type=SECCOMP msg=audit(1.000:1): arch=8 syscall=4001 code=0x0 sig=";
    for signal in ["SIGSYS", "12"] {
        let (_, output) = read(format!("{record}{signal}\n").as_bytes(), "json");
        assert!(
            output.contains("\"signal\":\"SIGSYS\"") && output.contains("\"architecture\":\"mips\""),
            "{output}"
        );
    }
    let (_, output) = read(format!("{record}31\n").as_bytes(), "json");
    assert!(output.contains("\"signal\":\"31\""), "{output}");
}
