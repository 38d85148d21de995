//! Decoding: logs of many systems, events that conform to the schema, and arbitrary bytes.

mod arbitrary;
mod auditbeat;
mod ausearch;
mod ecs;
mod logs;

use std::io::{self, Write};

use seccomp_observe::sink::{self, Sink, Style};
use seccomp_observe::source::Source;
use seccomp_observe::{Names, Reading, Violation};

/// Reads a text, and returns what was written in this format.
fn read(text: &[u8], format: &str) -> (Reading, String) {
    let sink = sink::find(format).expect("a format").sink(Style::Summary);
    let mut reading = Reading::new(Source::text("memory", io::Cursor::new(text.to_vec())), sink);
    let mut output = Vec::new();
    reading.run(&mut output).expect("memory can be read and written");
    (reading, String::from_utf8(output).expect("UTF-8"))
}

/// How many violations lines of JSON report.
fn count(output: &str) -> u64 {
    let objects =
        output.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an object"));
    objects.map(|object| object["times"].as_u64().or(object["seccomp"]["times"].as_u64()).unwrap_or(1)).sum()
}

/// A format with a beginning and an end, as a JSON array has.
struct Bracketed;

impl Sink for Bracketed {
    fn begin(&mut self, output: &mut dyn Write) -> io::Result<()> {
        write!(output, "[")
    }

    fn record(&mut self, violation: &Violation, _: &mut Names, output: &mut dyn Write) -> io::Result<()> {
        write!(output, "{}", violation.number.unwrap_or_default())
    }

    fn finish(&mut self, output: &mut dyn Write) -> io::Result<()> {
        write!(output, "]")
    }
}

#[test]
fn a_sink_begins_once_and_ends_once_with_or_without_violations() {
    let record = "audit: type=1326 audit(1.0:1): pid=1 comm=\"a\" sig=31 arch=c000003e syscall=59 compat=0 ip=0x1 code=0x0\n";
    for (text, expected) in [("", "[]"), (record, "[59]")] {
        let source = Source::text("memory", io::Cursor::new(text.as_bytes().to_vec()));
        let mut output = Vec::new();
        let mut reading = Reading::new(source, Box::new(Bracketed));
        reading.run(&mut output).expect("memory can be read and written");
        assert_eq!(String::from_utf8_lossy(&output), expected);
    }
}
