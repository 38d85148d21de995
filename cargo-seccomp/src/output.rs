//! The only writer: results to standard output, findings to standard error, each with or without colour.

use core::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, adapter::strip_str};
use clap::ValueEnum;

use crate::descriptor;
use crate::outcome::{Failure, Outcome};
use crate::render;

/// Where a command writes to.
pub struct Output<'a> {
    results: Stream<'a>,
    findings: Stream<'a>,
    /// Whether results go to a terminal.
    is_terminal: bool,
    /// Whether there is no standard output.
    is_closed: bool,
}

/// When to colour messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// A stream, and whether it is coloured.
struct Stream<'a> {
    writer: Box<dyn Write + Send + 'a>,
    /// What `auto` means for it.
    auto: ColorChoice,
    choice: ColorChoice,
}

impl Output<'static> {
    /// Standard output and standard error, coloured on a terminal.
    pub fn standard() -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let is_terminal = stdout.is_terminal();
        let is_closed = descriptor::is_closed(&stdout);
        let (results, findings) = (AutoStream::choice(&stdout), AutoStream::choice(&stderr));
        let results = match is_closed {
            true => Stream::new(descriptor::Closed, results),
            false => Stream::new(descriptor::Watched(stdout), results),
        };
        Self { results, findings: Stream::new(stderr, findings), is_terminal, is_closed }
    }
}

impl<'a> Output<'a> {
    /// Results and findings to these writers, without colour unless the arguments ask for it.
    pub fn plain(results: impl Write + Send + 'a, findings: impl Write + Send + 'a) -> Self {
        let (results, findings) =
            (Stream::new(results, ColorChoice::Never), Stream::new(findings, ColorChoice::Never));
        Self { results, findings, is_terminal: false, is_closed: false }
    }

    pub(crate) fn set_color(&mut self, color: Color) {
        self.results.set_color(color);
        self.findings.set_color(color);
    }

    /// Writes a line of the result.
    pub(crate) fn result(&mut self, line: impl Display) -> Result<(), Failure> {
        let written = self.results.line(&line);
        self.unless_closed(written)
    }

    /// Writes a line of a result that the exit code tells as well, so that standard output may be closed.
    pub(crate) fn confirm(&mut self, line: impl Display) -> Result<(), Failure> {
        if self.is_closed { Ok(()) } else { self.result(line) }
    }

    /// Writes the result as it is, for a program to read.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.results.writer.write_all(bytes);
        self.unless_closed(written)
    }

    /// Where results are written, for those that have no end.
    pub(crate) fn results(&mut self) -> &mut dyn Write {
        &mut self.results.writer
    }

    /// Writes something about the result. If that fails there is nobody left to tell.
    pub(crate) fn finding(&mut self, line: impl Display) {
        self.findings.line(&line).and_then(|()| self.findings.writer.flush()).unwrap_or_default();
    }

    /// Writes why the command cannot do its work.
    pub(crate) fn failure(&mut self, failure: &Failure) -> Outcome {
        self.finding(render::error(&failure.to_string()));
        Outcome::Failed
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let written = self.results.writer.flush();
        self.unless_closed(written)
    }

    /// A reader that has seen enough, such as `head`, is not a failure; the remaining results are dropped.
    fn unless_closed(&mut self, written: io::Result<()>) -> Result<(), Failure> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.results.writer = Box::new(io::sink());
            }
            Err(error) => return Err(Failure::StandardOutput { error }),
            Ok(()) => {}
        }
        Ok(())
    }
}

impl<'a> Stream<'a> {
    fn new(writer: impl Write + Send + 'a, auto: ColorChoice) -> Self {
        Self { writer: Box::new(writer), auto, choice: auto }
    }

    fn set_color(&mut self, color: Color) {
        self.choice = match color {
            Color::Auto => self.auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
    }

    fn line(&mut self, line: &impl Display) -> io::Result<()> {
        let line = line.to_string();
        match self.choice {
            ColorChoice::Never => writeln!(self.writer, "{}", strip_str(&line)),
            _ => writeln!(self.writer, "{line}"),
        }
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}
