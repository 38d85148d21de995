//! Logs as several systems write them, and what is decoded from them: `NAME.log` and `NAME.jsonl`.
//!
//! `BLESS=1 cargo test -p seccomp-observe --test decoding logs` writes the latter.

use std::fs;
use std::path::PathBuf;

use seccomp_observe::source::Source;
use seccomp_observe::{Event, Loss, Violation, decode, records};

use crate::{count, read};

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
        let understood: Vec<&str> = output.lines().filter(|line| !line.contains("\"gap\":")).collect();
        assert_eq!(reading.tally().records(), count(&output));
        assert_eq!(reading.tally().understood(), count(&understood.join("\n")));
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

/// Twice, because what is written is read back and is the same again.
#[test]
fn what_is_written_is_read_back() {
    for log in all() {
        for format in ["json", "ecs"] {
            let (_, written) = read(&fs::read(&log).expect("a log"), format);
            let (_, again) = read(written.as_bytes(), format);
            assert_eq!(again, written, "{} as {format}", log.display());
        }
    }
}

/// Also a call that is a number where its name should be.
#[test]
fn the_number_of_a_call_is_read_wherever_it_is() {
    let own = "{\"type\":\"seccomp\",\"serial\":6,\"syscall\":\"41\",\"arch\":\"0xc000003e\",\"action\":\"errno\"}\n";
    for format in ["json", "ecs"] {
        let (_, written) = read(own.as_bytes(), format);
        assert!(written.contains("41"), "{written}");
        assert_eq!(read(written.as_bytes(), format).1, written);
    }
}

/// As when a log and what was written about it are collected in one place.
#[test]
fn a_record_and_what_was_written_about_it_count_once() {
    for (signal, code) in [(0, "0x50000"), (31, "0x80000000")] {
        let record = format!(
            "type=SECCOMP msg=audit(1538222400.123:99): auid=4294967295 uid=998 gid=998 ses=4294967295 pid=7 comm=\"p\" \
             exe=\"/p\" sig={signal} arch=c000003e syscall=141 compat=0 ip=0x7f08 code={code}\n"
        );
        let written = ["json", "ecs"].map(|format| read(record.as_bytes(), format).1);
        let (reading, _) = read(format!("{record}{}", written.concat()).as_bytes(), "json");
        assert_eq!((reading.tally().records(), reading.tally().twice()), (1, 2), "{signal}");
    }
}

#[test]
fn the_two_transports_of_the_journal_count_once() {
    let body = "auid=4294967295 uid=998 gid=998 ses=4294967295 pid=7053 comm=\"p\" exe=\"/p\" sig=31 arch=c000003e syscall=141 \
                compat=0 ip=0x7f08 code=0x0";
    let log = format!(
        "Sep 29 12:00:00 h audit[7053]: SECCOMP {body}\n\
         Sep 29 12:00:00 h kernel: audit: type=1326 audit(1538222400.123:99): {body}\n"
    );
    let (reading, output) = read(log.as_bytes(), "json");
    assert_eq!((reading.tally().records(), reading.tally().twice()), (1, 1));
    assert!(output.contains("\"serial\":99"), "{output}");
}

#[test]
fn no_output_has_a_control_bidi_or_invisible_character() {
    let names = [
        "1B5D303B6F776E656407",
        "610A62",
        "09087F",
        "E280AE67",
        "E281A678E281A9",
        "E2808BEFBBBF",
        "C29B33316D",
        "61C2AD62",
    ];
    let record = |name: &str| {
        format!(
            "type=SECCOMP msg=audit(1.0:1): pid=1 comm={name} exe=2F{name} subj=a\u{202e}b arch=c000003e syscall=1 code=0x50000\n"
        )
    };
    let log: String = names.iter().map(|name| record(name)).collect();
    for format in seccomp_observe::sink::FORMATS {
        let (_, output) = read(log.as_bytes(), format.name);
        assert!(output.bytes().all(|byte| byte == b'\n' || matches!(byte, b' '..=b'~')), "{output:?}");
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
    let next = record.replace(":1)", ":2)");
    let (reading, output) = read(format!("{record}{}\n{next}\n", "x".repeat(1 << 20)).as_bytes(), "table");
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
