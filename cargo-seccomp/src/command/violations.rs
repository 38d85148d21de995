//! `cargo seccomp violations`: the kernel's records in; a table, events or JSON lines out, and what to change in the
//! policy.

use core::fmt::Display;
use std::io::Write;
use std::path::Path;

use seccomp_compiler::{Architecture, Compiler};

use super::report;
use crate::cli::{Violations, ViolationsFormat};
use crate::findings::Findings;
use crate::input;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::render;
use crate::violations::advice::Adviser;
use crate::violations::decode::{self, decode};
use crate::violations::lines::Line;
use crate::violations::names::Names;
use crate::violations::record::{Record, records};
use crate::violations::source::{self, Event, Extent, Source};
use crate::violations::table::{self, Kind, Table};
use crate::violations::tally::Tally;
use crate::violations::violation::Violation;
use crate::violations::{ecs, form, json};

pub(crate) fn run(arguments: &Violations, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    if arguments.policy.is_some() && arguments.format != ViolationsFormat::Table {
        return Err(Failure::AdviceAsTable);
    }
    let adviser = match &arguments.policy {
        Some(policy) => match adviser(policy, arguments.arch, output)? {
            Some(adviser) => Some(adviser),
            None => return Ok(Outcome::Problems),
        },
        None => None,
    };
    let extent = if arguments.follow { Extent::Live } else { Extent::Past };
    let source = source::open(&arguments.source, extent).map_err(Failure::Unavailable)?;
    if let Some(note) = &source.note {
        output.finding(render::warning(note));
    }
    output.finding(render::note(&format!("reading {}", source.name)));
    let mut reading = Reading::new(arguments, &source, output);
    reading.read(source)?;
    reading.finish(adviser.as_ref())?;
    Ok(Outcome::Fine)
}

/// Compiles the policy; none where it has problems, which are said.
fn adviser(
    path: &Path,
    architecture: Option<&'static Architecture>,
    output: &mut Output<'_>,
) -> Result<Option<Adviser>, Failure> {
    let architecture = architecture.map_or_else(super::host, Ok)?;
    let policy = input::read(path)?;
    let compiled = Compiler::for_architecture(architecture).loader(&input::load).compile(&policy);
    if let Err(errors) = &compiled {
        let mut findings = Findings::default();
        findings.add(architecture, errors, errors.more());
        report(policy.name(), &findings, output);
    }
    Ok(compiled.ok().map(|compiled| Adviser::new(policy, compiled)))
}

/// One run through a source.
struct Reading<'a, 'o> {
    arguments: &'a Violations,
    output: &'a mut Output<'o>,
    tally: Tally,
    names: Names,
    table: Table,
    /// Lines that wait to be written together.
    lines: Vec<u8>,
    /// What the first line with text shows the input to be, if not plain text.
    form: Option<Option<&'static str>>,
    is_gapless: bool,
}

/// The type of a SECCOMP record: `AUDIT_SECCOMP` of `linux/audit.h`.
const SECCOMP: u16 = 1326;

/// How much is written at once.
const WRITTEN: usize = 64 << 10;

impl<'a, 'o> Reading<'a, 'o> {
    fn new(arguments: &'a Violations, source: &Source, output: &'a mut Output<'o>) -> Self {
        let names = Names::new(source.is_local);
        let is_gapless = source.is_gapless;
        Self {
            arguments,
            output,
            tally: Tally::default(),
            names,
            table: Table::default(),
            lines: Vec::new(),
            form: None,
            is_gapless,
        }
    }

    fn read(&mut self, mut source: Source) -> Result<(), Failure> {
        let name = source.name.clone();
        while self.output.is_read() {
            let event = source.next();
            match event.map_err(|error| Failure::Source { name: name.clone(), error })? {
                Event::Line(line) => self.line(line)?,
                Event::Message { kind, text } => self.message(kind, text)?,
                Event::Overrun => self.tally.overrun(),
                Event::Idle => self.write()?,
                Event::Broken => {
                    self.tally.broken();
                    break;
                }
                Event::End => break,
            }
        }
        self.write()
    }

    fn line(&mut self, line: Line<'_>) -> Result<(), Failure> {
        if self.form.is_none() && !line.bytes.trim_ascii().is_empty() {
            self.form = Some(form::advice(line.bytes));
        }
        let mut any = false;
        for record in records(line.bytes) {
            any = true;
            self.record(&record)?;
        }
        if line.is_cut {
            self.tally.cut_line();
        }
        if !any {
            self.tally.kernel_line(line.bytes);
        }
        if self.is_gapless {
            self.serial_of(line.bytes);
        }
        // A pipe does not say when it has no more for now.
        if any && self.arguments.follow && !self.is_gapless { self.write() } else { Ok(()) }
    }

    /// Notes the serial number of any audit record in the kernel's log.
    fn serial_of(&mut self, line: &[u8]) {
        let is_audit = memchr::memmem::find(line, b"audit: type=");
        let stamp = is_audit.and_then(|start| {
            let stamp = memchr::memmem::find(&line[start..], b" audit(")?;
            Record::new(None, &line[start + stamp..]).stamp
        });
        self.serial(stamp);
    }

    fn message(&mut self, kind: u16, text: &[u8]) -> Result<(), Failure> {
        let record = Record::new(None, text);
        self.serial(record.stamp);
        if kind == SECCOMP { self.record(&record) } else { Ok(()) }
    }

    fn serial(&mut self, stamp: Option<&[u8]>) {
        if let Some(serial) = stamp.and_then(decode::serial).and_then(|serial| u32::try_from(serial).ok()) {
            self.tally.serials.saw(serial);
        }
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Failure> {
        let violation = decode(record);
        self.tally.record(&violation);
        if !self.is_wanted(&violation) {
            self.tally.others += 1;
            return Ok(());
        }
        match self.arguments.format {
            ViolationsFormat::Table => {
                self.table.add(&violation);
                if self.arguments.follow {
                    let user = violation.user.as_ref().and_then(|user| self.names.user(user));
                    self.show(table::line(&violation, user));
                }
            }
            ViolationsFormat::Ecs => {
                let event = ecs::event(&violation, &mut self.names);
                self.show(event);
            }
            ViolationsFormat::Json => {
                let object = json::object(&violation, &mut self.names);
                self.show(object);
            }
        }
        if self.lines.len() >= WRITTEN { self.write() } else { Ok(()) }
    }

    fn is_wanted(&self, violation: &Violation) -> bool {
        let wanted = &self.arguments.program;
        let path = violation.executable.as_deref();
        let file = path.and_then(|path| path.rsplit('/').next());
        let names = [path, file, violation.name.as_deref()];
        wanted.is_empty() || wanted.iter().any(|wanted| names.contains(&Some(wanted)))
    }

    fn show(&mut self, line: impl Display) {
        writeln!(self.lines, "{line}").unwrap_or_default();
    }

    fn write(&mut self) -> Result<(), Failure> {
        if !self.lines.is_empty() {
            self.output.bytes(&self.lines)?;
            self.output.flush()?;
            self.lines.clear();
        }
        Ok(())
    }

    fn finish(mut self, adviser: Option<&Adviser>) -> Result<(), Failure> {
        if self.arguments.format == ViolationsFormat::Table && !self.arguments.follow {
            for line in self.table.lines() {
                self.output.result(line)?;
            }
        }
        if let Some(adviser) = adviser {
            self.advise(adviser)?;
        }
        for loss in self.tally.losses() {
            self.output.finding(render::warning(&loss));
        }
        if self.tally.understood == 0
            && let Some(advice) = self.form.flatten()
        {
            self.output.finding(render::note(&format!("nothing is understood here, maybe as {advice}")));
        }
        self.output.finding(render::note(&self.tally.summary()));
        Ok(())
    }

    /// Says for each row of the table what can have decided, and offers the change.
    fn advise(&mut self, adviser: &Adviser) -> Result<(), Failure> {
        let rows = self.table.rows();
        if rows.is_empty() {
            return Ok(());
        }
        let (policy, architecture) = (adviser.policy(), adviser.architecture());
        self.output.result(format_args!("\nWhat can have decided in `{policy}` on {architecture}:"))?;
        for (kind, row) in &rows {
            let example = row.example(kind);
            let [_, call, arch, action] = table::words(&example);
            let deciders = adviser.deciders(&example);
            self.output.result(format_args!("  {call} on {arch}, {action}: {deciders}"))?;
        }
        let said = "A record carries neither arguments nor the data of an action, such as its error.";
        self.output.result(said)?;
        match programs(&rows) {
            0 | 1 => offer(adviser, &rows, self.output),
            programs => {
                let note = format!(
                    "these are records of {programs} programs: name the one of `{policy}` with `--program` to be \
                     offered a change",
                );
                self.output.finding(render::note(&note));
                Ok(())
            }
        }
    }
}

/// How many programs the rows are of.
fn programs(rows: &[(&Kind, &table::Row)]) -> usize {
    let mut programs: Vec<_> = rows.iter().map(|(kind, _)| &kind.program).collect();
    programs.sort();
    programs.dedup();
    programs.len()
}

/// Offers the change that allows the calls.
fn offer(adviser: &Adviser, rows: &[(&Kind, &table::Row)], output: &mut Output<'_>) -> Result<(), Failure> {
    let mut violations: Vec<Violation> = Vec::new();
    for (kind, row) in rows {
        let example = row.example(kind);
        let same = |other: &Violation| (other.arch, other.number) == (example.arch, example.number);
        if example.number.is_some() && !violations.iter().any(same) {
            violations.push(example);
        }
    }
    let allowing = adviser.allowing(&violations);
    if !allowing.patch.is_empty() {
        output.result("\nTo allow them with any arguments, if they are what the program is to do:\n")?;
        output.bytes(allowing.patch.as_bytes())?;
    }
    for (call, why) in allowing.refused {
        output.finding(render::note(&format!("no change is offered for `{}`: {why}", table::visible(&call))));
    }
    Ok(())
}
