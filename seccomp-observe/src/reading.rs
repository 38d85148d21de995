//! The pipeline: reads a source to its end, decodes its records, and gives the violations to a sink.

use core::fmt;
use std::error::Error;
use std::io::{self, BufWriter, Write};

use memchr::memmem;
use seccomp_compiler::visible;

use crate::event::{Event, Line};
use crate::reason::reason;
use crate::record::{Form, Names, Record, decode, records, serial};
use crate::sink::{Groups, Sink};
use crate::source::Source;
use crate::tally::Tally;

/// `AUDIT_SECCOMP` in `linux/audit.h`.
const AUDIT_SECCOMP: u16 = 1326;

/// How much output is written at once, unless somebody waits for it.
const BUFFER: usize = 64 << 10;

/// One run through a source.
pub struct Reading {
    source: Source,
    decoder: Decoder,
}

/// What becomes of the events of a source.
struct Decoder {
    sink: Box<dyn Sink>,
    /// The programs whose violations are wanted; empty for all.
    programs: Vec<String>,
    names: Names,
    tally: Tally,
    start: Start,
    is_gapless: bool,
}

/// How the input begins.
#[derive(Debug, Clone, Copy)]
enum Start {
    /// With blank lines, so far.
    Blank,
    Text,
    Other(Form),
}

/// Why a run ended early.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The source of this name cannot be read.
    Source(String, io::Error),
    /// The output cannot be written.
    Output(io::Error),
}

impl Reading {
    /// A run through this source.
    pub fn new(source: Source, sink: Box<dyn Sink>) -> Self {
        let names = if source.is_local() { Names::of_this_machine() } else { Names::unknown() };
        let is_gapless = source.is_gapless();
        let (programs, tally) = (Vec::new(), Tally::default());
        let decoder = Decoder { sink, programs, names, tally, start: Start::Blank, is_gapless };
        Self { source, decoder }
    }

    /// Keeps only the violations by these programs, in the sense of [`Violation::is_by`](crate::Violation::is_by); all
    /// violations, if there are none.
    #[must_use]
    pub fn only_by(mut self, programs: Vec<String>) -> Self {
        self.decoder.programs = programs;
        self
    }

    /// Reads the source to its end. If nobody reads the output any more the run ends too, which is not an error.
    ///
    /// # Errors
    ///
    /// When the source cannot be read or the output cannot be written.
    pub fn run(&mut self, output: &mut dyn Write) -> Result<(), ReadError> {
        let mut output = BufWriter::with_capacity(BUFFER, output);
        let begun = self.decoder.sink.begin(&mut output).map_err(ReadError::Output);
        let finished = begun.and_then(|()| self.read(&mut output)).and_then(|()| {
            let finished = self.decoder.sink.finish(&mut output);
            finished.and_then(|()| output.flush()).map_err(ReadError::Output)
        });
        match finished {
            Err(ReadError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            finished => finished,
        }
    }

    fn read(&mut self, output: &mut dyn Write) -> Result<(), ReadError> {
        let is_awaited = self.source.is_awaited();
        loop {
            let event = match self.source.next_event() {
                Ok(event) => event,
                Err(error) => return Err(ReadError::Source(self.source.name().to_owned(), error)),
            };
            let is_last = matches!(event, Event::End | Event::Interrupted);
            let has_record = self.decoder.event(event, output).map_err(ReadError::Output)?;
            if is_last {
                return Ok(());
            }
            if is_awaited && has_record || matches!(event, Event::Idle) {
                output.flush().map_err(ReadError::Output)?;
            }
        }
    }

    /// What was counted.
    pub fn tally(&self) -> &Tally {
        &self.decoder.tally
    }

    /// The violations in groups, if the sink keeps them.
    pub fn groups(&self) -> Option<&Groups> {
        self.decoder.sink.groups()
    }

    /// What the input looks like, if it is not plain text and no record in it was understood.
    pub fn form(&self) -> Option<Form> {
        match self.decoder.start {
            Start::Other(form) if self.tally().understood() == 0 => Some(form),
            _ => None,
        }
    }
}

impl Decoder {
    /// Whether the event contains a record of a violation.
    fn event(&mut self, event: Event<'_>, output: &mut dyn Write) -> io::Result<bool> {
        match event {
            Event::Line(line) => return self.line(line, output),
            Event::Message { kind, text } => {
                let record = Record::new(None, text);
                self.serial(record.stamp);
                if kind == AUDIT_SECCOMP {
                    self.record(&record, output)?;
                    return Ok(true);
                }
            }
            Event::Overrun => self.tally.overrun(),
            Event::Interrupted => self.tally.interrupted(),
            Event::Idle | Event::End => {}
        }
        Ok(false)
    }

    fn line(&mut self, line: Line<'_>, output: &mut dyn Write) -> io::Result<bool> {
        if matches!(self.start, Start::Blank) && !line.bytes.trim_ascii().is_empty() {
            self.start = Form::find(line.bytes).map_or(Start::Text, Start::Other);
        }
        let mut has_record = false;
        for record in records(line.bytes) {
            has_record = true;
            self.record(&record, output)?;
        }
        if line.is_cut {
            self.tally.cut_line();
        }
        if !has_record {
            self.tally.kernel_line(line.bytes);
        }
        if self.is_gapless {
            self.serial(audit_stamp(line.bytes));
        }
        Ok(has_record)
    }

    fn record(&mut self, record: &Record<'_>, output: &mut dyn Write) -> io::Result<()> {
        let violation = decode(record);
        self.tally.record(&violation);
        if self.programs.is_empty() || self.programs.iter().any(|program| violation.is_by(program)) {
            return self.sink.record(&violation, &mut self.names, output);
        }
        self.tally.other_program();
        Ok(())
    }

    fn serial(&mut self, stamp: Option<&[u8]>) {
        if let Some(serial) = stamp.and_then(serial).and_then(|serial| u32::try_from(serial).ok()) {
            self.tally.serial(serial);
        }
    }
}

/// The stamp of an audit record of any type in the kernel log.
fn audit_stamp(line: &[u8]) -> Option<&[u8]> {
    let record = &line[memmem::find(line, b"audit: type=")?..];
    let stamp = memmem::find(record, b" audit(")?;
    Record::new(None, &record[stamp..]).stamp
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Error for ReadError {}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(name, error) => write!(f, "cannot read {}: {}", visible(name), reason(error)),
            Self::Output(error) => write!(f, "cannot write violations: {}", reason(error)),
        }
    }
}
