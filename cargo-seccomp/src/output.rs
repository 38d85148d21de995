//! The one writer: results to standard output, findings to standard error, each with colour or without.

use core::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, adapter::strip_str};

use crate::cli::Color;
use crate::outcome::{Failure, Outcome};
use crate::render;

/// Where a command writes to.
pub struct Output<'a> {
    results: Stream<'a>,
    findings: Stream<'a>,
    /// Whether binary results would go to a terminal.
    on_terminal: bool,
    /// Whether the reader of the results went away.
    is_closed: bool,
}

/// A stream and whether it takes colour.
struct Stream<'a> {
    to: Box<dyn Write + 'a>,
    /// What `auto` comes to.
    auto: ColorChoice,
    choice: ColorChoice,
}

impl Output<'static> {
    /// Standard output and standard error, with colour where a terminal reads.
    pub fn standard() -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let on_terminal = stdout.is_terminal();
        let (results, findings) = (AutoStream::choice(&stdout), AutoStream::choice(&stderr));
        Self {
            results: Stream::new(stdout, results),
            findings: Stream::new(stderr, findings),
            on_terminal,
            is_closed: false,
        }
    }
}

impl<'a> Output<'a> {
    /// Results and findings to these writers, without colour unless it is asked for.
    pub fn plain(results: impl Write + 'a, findings: impl Write + 'a) -> Self {
        let (results, findings) =
            (Stream::new(results, ColorChoice::Never), Stream::new(findings, ColorChoice::Never));
        Self { results, findings, on_terminal: false, is_closed: false }
    }

    pub(crate) fn set_color(&mut self, color: Color) {
        self.results.set_color(color);
        self.findings.set_color(color);
    }

    /// Writes a line of what was asked for.
    pub(crate) fn result(&mut self, line: impl Display) -> Result<(), Failure> {
        let written = self.results.line(&line);
        self.unless_closed(written)
    }

    /// Writes what was asked for as it is, to be read by a program.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.results.to.write_all(bytes);
        self.unless_closed(written)
    }

    /// Writes what is to be said about it. Where that cannot be written there is nobody left to tell.
    pub(crate) fn finding(&mut self, line: impl Display) {
        self.findings.line(&line).and_then(|()| self.findings.to.flush()).unwrap_or_default();
    }

    /// Says why the command cannot do its work.
    pub(crate) fn failure(&mut self, failure: &Failure) -> Outcome {
        self.finding(render::error(&failure.to_string()));
        Outcome::Failed
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.on_terminal
    }

    /// Whether anybody still reads the results: what does not end by itself ends with them.
    pub(crate) fn is_read(&self) -> bool {
        !self.is_closed
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let written = self.results.to.flush();
        self.unless_closed(written)
    }

    /// A reader that has seen enough, as `head`, is no failure: what follows is written to nobody.
    fn unless_closed(&mut self, written: io::Result<()>) -> Result<(), Failure> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.results.to = Box::new(io::sink());
                self.is_closed = true;
            }
            Err(error) => return Err(Failure::StandardOutput { error }),
            Ok(()) => {}
        }
        Ok(())
    }
}

impl<'a> Stream<'a> {
    fn new(to: impl Write + 'a, auto: ColorChoice) -> Self {
        Self { to: Box::new(to), auto, choice: auto }
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
            ColorChoice::Never => writeln!(self.to, "{}", strip_str(&line)),
            _ => writeln!(self.to, "{line}"),
        }
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}
