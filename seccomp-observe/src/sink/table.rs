//! A table for people: one row for each group of violations, or one line for each violation as it happens.

use std::io::{self, Write};

use seccomp_compiler::shortened;

use super::flood::Flood;
use super::format::{Format, Sink, Style};
use super::groups::{Group, Groups, Kind, LONGEST_PROGRAM, LONGEST_SYSCALL};
use crate::record::{Names, Process, Time, Violation};
use seccomp_compiler::visible;

pub(super) const FORMAT: Format = Format {
    name: "table",
    summary: "For people: one row per program, call and action; live, one line per violation",
    has_details: true,
    new: |style| Box::new(Table::new(style)),
};

#[derive(Debug)]
struct Table {
    groups: Groups,
    /// The lines of violations as they happen; none if there is only a summary.
    flood: Option<Flood>,
}

impl Table {
    fn new(style: Style) -> Self {
        let flood = (style != Style::Summary).then(|| Flood::new(style == Style::Terminal));
        Self { groups: Groups::default(), flood }
    }

    /// The lines of the table; none if there are no violations.
    fn lines(&self) -> impl Iterator<Item = String> {
        let rows = self.groups.sorted();
        let head = ["COUNT", "PROGRAM", "CALL", "ARCH", "ACTION", "FIRST", "LAST"].map(str::to_owned);
        let widths = rows.iter().fold(lengths(&head), |widths, (kind, group)| {
            let cells = lengths(&cells(kind, group));
            core::array::from_fn(|column| widths[column].max(cells[column]))
        });
        let head = (!rows.is_empty()).then(|| align(&head, &widths));
        let left_out = self.groups.left_out();
        let left_out = (left_out != 0).then(|| format!("and {left_out} more, of other programs or calls"));
        // Cells are formatted a second time, so that they need not all be in memory at once.
        let rows = rows.into_iter().map(move |(kind, group)| align(&cells(kind, group), &widths));
        head.into_iter().chain(rows).chain(left_out)
    }
}

impl Sink for Table {
    fn record(&mut self, violation: &Violation, names: &mut Names, output: &mut dyn Write) -> io::Result<()> {
        self.groups.add(violation);
        match &mut self.flood {
            None => Ok(()),
            Some(flood) => {
                let user = violation.user.as_ref().and_then(|user| names.user(user));
                flood.add(Kind::new(violation), violation.times, line(violation, user), output)
            }
        }
    }

    fn idle(&mut self, output: &mut dyn Write) -> io::Result<()> {
        self.flood.as_mut().map_or(Ok(()), |flood| flood.idle(output))
    }

    fn finish(&mut self, output: &mut dyn Write) -> io::Result<()> {
        match &mut self.flood {
            None => self.lines().try_for_each(|line| writeln!(output, "{line}")),
            Some(flood) => flood.flush(output),
        }
    }

    fn groups(&self) -> Option<&Groups> {
        Some(&self.groups)
    }
}

fn cells(kind: &Kind, group: &Group) -> [String; 7] {
    let [program, call, arch, action] = columns(&group.example(kind));
    // Escaped characters make these longer again.
    let (program, call) = (shortened(&program, LONGEST_PROGRAM), shortened(&call, LONGEST_SYSCALL));
    let time = |time: Option<Time>| time.map_or_else(unknown, |time| time.to_string());
    [group.count.to_string(), program, call, arch, action, time(group.first), time(group.last)]
}

/// A violation as a line of its own.
fn line(violation: &Violation, user: Option<String>) -> String {
    let time = violation.time.map_or_else(unknown, |time| time.precise());
    let pid = violation.pid.map_or_else(unknown, |pid| pid.to_string());
    let id = || violation.user.as_ref().and_then(|user| user.id).map(|id| id.to_string());
    let user = user.or_else(id).unwrap_or_else(unknown);
    let [program, call, arch, action] = columns(violation);
    let line = format!("{time}  {program}[{pid}]  {}  {call}  {arch}  {action}", visible(&user));
    context(&violation.process).into_iter().fold(line, |line, part| line + "  " + &visible(&part))
}

/// What is known about the process, for the end of its line.
fn context(process: &Process) -> Vec<String> {
    let container = process.container.as_ref().map(|id| format!("container {}", id.get(..12).unwrap_or(id)));
    let name = process.parent_name.as_deref().unwrap_or("?");
    let parent = process.parent.map(|parent| format!("from {name}[{parent}]"));
    let module = process.module.as_ref().map(|module| match &process.function {
        Some(function) => format!("at {function} ({module})"),
        None => format!("at {module}"),
    });
    [process.unit.clone(), container, parent, module].into_iter().flatten().collect()
}

/// Program, call, architecture and action as text for a terminal; `?` for what is not known.
pub fn columns(violation: &Violation) -> [String; 4] {
    [
        violation.program().map(|program| visible(program).into_owned()),
        violation.syscall_or_number().map(|call| visible(&call).into_owned()),
        violation.architecture_or_value(),
        violation.action.map(|action| action.to_string()),
    ]
    .map(|column| column.unwrap_or_else(unknown))
}

fn unknown() -> String {
    "?".to_owned()
}

fn lengths<const N: usize>(cells: &[String; N]) -> [usize; N] {
    core::array::from_fn(|column| cells[column].chars().count())
}

/// Aligns cells to columns of these widths; the first is a number.
fn align<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let cells = cells.iter().zip(widths).enumerate().map(|(column, (cell, &width))| match column {
        0 => format!("{cell:>width$}"),
        _ => format!("{cell:<width$}"),
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Style, Table, Violation};
    use crate::record::{Action, Time};

    fn violation(program: &str, seconds: u64) -> Violation {
        Violation {
            thread: Some(program.to_owned()),
            time: Time::new(seconds, 0),
            action: Action::from_code(0x5_0000),
            ..Violation::default()
        }
    }

    #[test]
    fn equal_violations_share_a_row_and_the_most_come_first() {
        let mut table = Table::new(Style::Summary);
        for (program, seconds) in [("b", 9), ("a", 1), ("b", 3), ("c\x1b[2J", 0)] {
            table.groups.add(&violation(program, seconds));
        }
        let expected = [
            "COUNT  PROGRAM     CALL  ARCH  ACTION  FIRST                 LAST",
            "    2  b           ?     ?     errno   1970-01-01T00:00:03Z  1970-01-01T00:00:09Z",
            "    1  a           ?     ?     errno   1970-01-01T00:00:01Z  1970-01-01T00:00:01Z",
            "    1  c\\u{1b}[2J  ?     ?     errno   1970-01-01T00:00:00Z  1970-01-01T00:00:00Z",
        ];
        assert_eq!(table.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_table_is_bounded_and_says_so() {
        let mut table = Table::new(Style::Summary);
        for program in 0..10_007 {
            table.groups.add(&violation(&program.to_string(), 0));
        }
        table.groups.add(&violation("0", 0));
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 10_002);
        assert_eq!(lines[10_001], "and 7 more, of other programs or calls");
    }

    #[test]
    fn a_row_is_bounded() {
        let mut table = Table::new(Style::Summary);
        let long = |middle: &str| format!("/first{}/last", middle.repeat(10_000));
        for program in [long("a"), long("\x1b"), long("a")] {
            table.groups.add(&Violation { syscall: Some("c".repeat(60_000)), ..violation(&program, 0) });
        }
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        for line in &lines[1..] {
            assert!(line.contains("  /first") && line.contains("…") && line.contains("/last  ccc"), "{line}");
            assert!(line.chars().count() < 320, "{line}");
        }
    }
}
