//! Violations as a table for people: those of one program, call and action in one row.

use std::collections::HashMap;

use super::violation::{Action, Time, Violation};

/// What a row is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) program: Option<String>,
    pub(crate) arch: Option<u32>,
    pub(crate) number: Option<u32>,
    pub(crate) action: Option<Action>,
    /// What the record itself calls the call, where the tables do not.
    call: Option<String>,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) count: u64,
    /// One of them, to name things by.
    pub(crate) example: Violation,
    first: Option<Time>,
    last: Option<Time>,
}

/// The rows, as they gather.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: HashMap<Kind, Row>,
    /// Violations of kinds that came when the table was full.
    beyond: u64,
}

/// A log can name any number of programs; memory has an end.
const MOST_ROWS: usize = 10_000;

const UNKNOWN: &str = "?";

impl Table {
    pub(crate) fn add(&mut self, violation: &Violation) {
        let kind = Kind::of(violation);
        if self.rows.len() >= MOST_ROWS && !self.rows.contains_key(&kind) {
            self.beyond += 1;
            return;
        }
        let new = || Row { count: 0, example: violation.clone(), first: None, last: None };
        self.rows.entry(kind).or_insert_with(new).add(violation.time);
    }

    /// The rows with the most violations first.
    pub(crate) fn rows(&self) -> Vec<(&Kind, &Row)> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|(kind, row), (other_kind, other)| (other.count, kind).cmp(&(row.count, other_kind)));
        rows
    }

    /// The lines of the table; none where there is nothing to show.
    pub(crate) fn lines(&self) -> Vec<String> {
        let rows = self.rows();
        let mut cells =
            vec![["COUNT", "PROGRAM", "CALL", "ARCH", "ACTION", "FIRST", "LAST"].map(str::to_owned)];
        cells.extend(rows.iter().map(|(_, row)| row.cells()));
        if rows.is_empty() {
            cells.clear();
        }
        let mut lines = align(&cells);
        if self.beyond != 0 {
            lines.push(format!("and {} more, of further programs or calls", self.beyond));
        }
        lines
    }
}

impl Kind {
    fn of(violation: &Violation) -> Self {
        Self {
            program: violation.program().map(str::to_owned),
            arch: violation.arch,
            number: violation.number,
            action: violation.action,
            call: if violation.number.is_none() { violation.call.clone() } else { None },
        }
    }
}

impl Row {
    fn add(&mut self, time: Option<Time>) {
        self.count += 1;
        self.first = self.first.into_iter().chain(time).min();
        self.last = self.last.max(time);
    }

    fn cells(&self) -> [String; 7] {
        let [program, call, arch, action] = words(&self.example);
        let time = |time: Option<Time>| time.map_or_else(unknown, |time| time.to_string());
        [self.count.to_string(), program, call, arch, action, time(self.first), time(self.last)]
    }
}

/// One violation as a line of its own, as they come.
pub(crate) fn line(violation: &Violation, user: Option<String>) -> String {
    let time = violation.time.map_or_else(unknown, |time| time.precise());
    let pid = violation.pid.map_or_else(unknown, |pid| pid.to_string());
    let user =
        user.or_else(|| violation.user.as_ref().map(|user| user.id.to_string())).unwrap_or_else(unknown);
    let [program, call, arch, action] = words(violation);
    format!("{time}  {program}[{pid}]  {}  {call}  {arch}  {action}", visible(&user))
}

/// Program, call, architecture and action in words.
pub(crate) fn words(violation: &Violation) -> [String; 4] {
    [
        violation.program().map(visible),
        violation.call().map(|call| visible(&call)),
        violation.arch(),
        violation.action.map(|action| action.to_string()),
    ]
    .map(|word| word.unwrap_or_else(unknown))
}

fn unknown() -> String {
    UNKNOWN.to_owned()
}

/// The text with what a terminal would obey written out: a program chooses its own name.
pub(crate) fn visible(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if obeyed(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// Cells as lines, each column as wide as its widest cell; the first is a number.
fn align<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let length = |cell: &String| cell.chars().count();
    let widths: Vec<usize> =
        (0..N).map(|column| rows.iter().map(|row| length(&row[column])).max().unwrap_or_default()).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
            0 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Table, visible};
    use crate::violations::violation::{Action, Time, Violation};

    fn violation(program: &str, seconds: u64) -> Violation {
        Violation {
            name: Some(program.to_owned()),
            time: Time::new(seconds, 0),
            action: Some(Action::from_code(0x5_0000)),
            ..Violation::default()
        }
    }

    #[test]
    fn equal_violations_share_a_row_and_the_most_come_first() {
        let mut table = Table::default();
        for (program, seconds) in [("b", 9), ("a", 1), ("b", 3), ("c\x1b[2J", 0)] {
            table.add(&violation(program, seconds));
        }
        let expected = [
            "COUNT  PROGRAM     CALL  ARCH  ACTION  FIRST                 LAST",
            "    2  b           ?     ?     errno   1970-01-01T00:00:03Z  1970-01-01T00:00:09Z",
            "    1  a           ?     ?     errno   1970-01-01T00:00:01Z  1970-01-01T00:00:01Z",
            "    1  c\\u{1b}[2J  ?     ?     errno   1970-01-01T00:00:00Z  1970-01-01T00:00:00Z",
        ];
        assert_eq!(table.lines(), expected);
    }

    #[test]
    fn a_table_has_an_end_and_says_so() {
        let mut table = Table::default();
        for program in 0..10_007 {
            table.add(&violation(&program.to_string(), 0));
        }
        table.add(&violation("0", 0));
        assert_eq!(table.lines().len(), 10_002);
        assert_eq!(table.lines()[10_001], "and 7 more, of further programs or calls");
    }

    #[test]
    fn names_cannot_command_a_terminal() {
        assert_eq!(visible("a\x1b]0;b\u{202e}c\u{fffd}ü"), "a\\u{1b}]0;b\\u{202e}c\u{fffd}ü");
    }
}
