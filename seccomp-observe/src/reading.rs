//! The pipeline: reads a source to its end, decodes its records, and gives the violations to a sink.

use core::fmt;
use std::error::Error;
use std::io::{self, BufWriter, Write};

use memchr::memmem;
use seccomp_compiler::Architecture;

use crate::event::{Event, Line};
use crate::filter::Filter;
use crate::local::{self, Functions};
use crate::reason::reason;
use crate::record::{Form, Names, Record, Violation, decode_for, serial};
use crate::sink::{Groups, Sink};
use crate::source::Source;
use crate::tally::Tally;
use crate::text::Text;
use crate::unique::Unique;
use seccomp_compiler::visible;

/// `AUDIT_SECCOMP` in `linux/audit.h`.
const AUDIT_SECCOMP: u16 = 1326;

/// How much output is written at once, unless somebody waits for it.
const BUFFER: usize = 64 << 10;

/// One run through a source.
pub struct Reading {
    source: Source,
    text: Text,
    unique: Unique,
    hint: Option<&'static Architecture>,
    end: Writing,
}

/// Says which lines of a policy may have decided a violation.
pub type Annotate = Box<dyn FnMut(&Violation) -> Option<String> + Send>;

/// What becomes of the violations.
struct Writing {
    sink: Box<dyn Sink>,
    filter: Filter,
    annotate: Option<Annotate>,
    names: Names,
    functions: Functions,
    tally: Tally,
    /// Whether the processes of the violations may still run here.
    is_present: bool,
    is_gapless: bool,
    /// Whether the kernel's lines about losses are of the time that is asked for.
    is_covered: bool,
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
        let (is_live, is_gapless) = (source.is_live(), source.is_gapless());
        let end = Writing {
            sink,
            filter: Filter::default(),
            annotate: None,
            names: if source.is_local() { Names::of_this_machine() } else { Names::unknown() },
            functions: Functions::default(),
            tally: Tally::default(),
            is_present: is_live && source.is_local(),
            is_gapless,
            is_covered: true,
        };
        let text = Text::new(None, is_live || is_gapless);
        Self { source, text, unique: Unique::new(is_live), hint: None, end }
    }

    /// Keeps only the violations that are wanted.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        self.end.is_covered = filter.since.is_none();
        self.end.filter = filter;
        self
    }

    /// The architecture of records that do not say which they are about, as those of old kernels.
    #[must_use]
    pub fn assuming(mut self, architecture: Option<&'static Architecture>) -> Self {
        self.text = Text::new(architecture, self.source.is_live() || self.source.is_gapless());
        self.hint = architecture;
        self
    }

    /// Has this say which lines of a policy may have decided each violation.
    #[must_use]
    pub fn annotated(mut self, annotate: Annotate) -> Self {
        self.end.annotate = Some(annotate);
        self
    }

    /// Reads the source to its end. If nobody reads the output any more the run ends too, which is not an error.
    ///
    /// # Errors
    ///
    /// When the source cannot be read or the output cannot be written. What could be read is written all the same.
    pub fn run(&mut self, output: &mut dyn Write) -> Result<(), ReadError> {
        let mut output = BufWriter::with_capacity(BUFFER, output);
        let begun = self.end.sink.begin(&mut output).map_err(ReadError::Output);
        let read = begun.and_then(|()| self.read(&mut output));
        let finished = match &read {
            Err(ReadError::Output(_)) => Ok(()),
            _ => self.finish(&mut output).and_then(|()| output.flush()).map_err(ReadError::Output),
        };
        match read.and(finished) {
            Err(ReadError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            finished => finished,
        }
    }

    fn read(&mut self, output: &mut dyn Write) -> Result<(), ReadError> {
        let is_awaited = self.source.is_awaited();
        loop {
            let event = match self.source.next(self.text.is_open()) {
                Ok(event) => event,
                Err(error) => return Err(ReadError::Source(self.source.name().to_owned(), error)),
            };
            let (is_last, is_idle) =
                (matches!(event, Event::End | Event::Interrupted), matches!(event, Event::Idle));
            let before = self.end.tally.records() + self.unique.dropped();
            take(event, &mut self.text, &mut self.unique, self.hint, &mut self.end, output)
                .map_err(ReadError::Output)?;
            if is_last {
                return Ok(());
            }
            if is_idle {
                self.end.sink.idle(output).map_err(ReadError::Output)?;
            }
            // Also for a copy, which is not written: the output tells when it is flushed that nobody reads it any more.
            if is_idle || is_awaited && self.end.tally.records() + self.unique.dropped() > before {
                output.flush().map_err(ReadError::Output)?;
            }
        }
    }

    fn finish(&mut self, output: &mut dyn Write) -> io::Result<()> {
        let mut result = Ok(());
        let (unique, end) = (&mut self.unique, &mut self.end);
        self.text.finish(&mut |violation| end.add(violation, unique, output, &mut result));
        unique.finish(&mut |violation| end.write(violation, output, &mut result));
        end.tally.set_twice(unique.dropped(), unique.has_forgotten());
        result.and_then(|()| end.sink.finish(output))
    }

    /// What was counted.
    pub fn tally(&self) -> &Tally {
        &self.end.tally
    }

    /// The violations in groups, if the sink keeps them.
    pub fn groups(&self) -> Option<&Groups> {
        self.end.sink.groups()
    }

    /// What the input looks like, if it is not plain text and no record in it was understood.
    pub fn form(&self) -> Option<Form> {
        self.source.form().filter(|_| self.tally().understood() == 0)
    }
}

fn take(
    event: Event<'_>,
    text: &mut Text,
    unique: &mut Unique,
    hint: Option<&'static Architecture>,
    end: &mut Writing,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut result = Ok(());
    match event {
        Event::Line(line) => {
            end.line(line);
            text.line(line.bytes, &mut |violation| end.add(violation, unique, output, &mut result));
        }
        Event::NextFile => text.finish(&mut |violation| end.add(violation, unique, output, &mut result)),
        Event::Message { kind, text } => {
            let record = Record::new(None, text);
            end.serial(record.stamp);
            if kind == AUDIT_SECCOMP {
                end.add(decode_for(&record, hint), unique, output, &mut result);
            }
        }
        Event::Overrun => end.tally.overrun(),
        Event::Interrupted => end.tally.interrupted(),
        Event::Idle | Event::End => {}
    }
    result
}

impl Writing {
    fn line(&mut self, line: Line<'_>) {
        if line.is_cut {
            self.tally.cut_line();
        }
        if self.is_covered {
            self.tally.kernel_line(line.bytes);
        }
        if self.is_gapless {
            self.serial(audit_stamp(line.bytes));
        }
    }

    /// Takes a violation, unless its record was there before.
    fn add(
        &mut self,
        violation: Violation,
        unique: &mut Unique,
        output: &mut dyn Write,
        result: &mut io::Result<()>,
    ) {
        self.is_covered |= self.filter.covers(violation.time);
        unique.add(violation, &mut |violation| self.write(violation, output, result));
    }

    fn write(&mut self, mut violation: Violation, output: &mut dyn Write, result: &mut io::Result<()>) {
        self.tally.record(&violation);
        if !self.filter.keeps(&violation, &mut self.names) {
            return self.tally.left_out_one(&violation);
        }
        if self.is_present {
            local::complete(&mut violation, &mut self.functions);
        }
        if let Some(annotate) = &mut self.annotate {
            violation.decided_by = annotate(&violation);
        }
        if result.is_ok() {
            *result = self.sink.record(&violation, &mut self.names, output);
        }
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
