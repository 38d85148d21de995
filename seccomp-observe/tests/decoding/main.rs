//! Decoding: logs of many systems, events that conform to the schema, and arbitrary bytes.

mod arbitrary;
mod ecs;
mod logs;

use seccomp_observe::sink;
use seccomp_observe::source::Source;
use seccomp_observe::{Extent, Reading};

/// Reads a text, and returns what was written in this format.
fn read(text: &[u8], format: &str) -> (Reading, String) {
    let sink = sink::find(format).expect("a format").sink(Extent::Past);
    let mut reading = Reading::new(Source::text("memory", std::io::Cursor::new(text.to_vec())), sink);
    let mut output = Vec::new();
    reading.run(&mut output).expect("memory can be read and written");
    (reading, String::from_utf8(output).expect("UTF-8"))
}
