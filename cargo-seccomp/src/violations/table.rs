//! Violations as a table for people: those of one program, call and action in one row.

use std::collections::HashMap;

use seccomp_compiler::Architecture;

use super::violation::{Action, Time, Violation};

/// What a row is of, in texts of bounded length.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) program: Option<String>,
    arch: Option<u32>,
    number: Option<u32>,
    action: Option<Action>,
    /// What the record itself calls the call, where it has no number.
    call: Option<String>,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    count: u64,
    /// The ABI, and the call's name, of one of them.
    architecture: Option<&'static Architecture>,
    call: Option<String>,
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

/// How many characters of a program, or of what a record calls a call, a row has: a record has up to 64 kB of either,
/// and the widest cell is the width of every row.
const LONGEST_PROGRAM: usize = 200;
const LONGEST_CALL: usize = 40;

const UNKNOWN: &str = "?";

impl Table {
    pub(crate) fn add(&mut self, violation: &Violation) {
        let kind = Kind::of(violation);
        if self.rows.len() >= MOST_ROWS && !self.rows.contains_key(&kind) {
            self.beyond += 1;
            return;
        }
        self.rows.entry(kind).or_insert_with(|| Row::new(violation)).add(violation.time);
    }

    /// The rows with the most violations first.
    pub(crate) fn rows(&self) -> Vec<(&Kind, &Row)> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|(kind, row), (other_kind, other)| (other.count, kind).cmp(&(row.count, other_kind)));
        rows
    }

    /// The lines of the table; none where there is nothing to show.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let rows = self.rows();
        let head = ["COUNT", "PROGRAM", "CALL", "ARCH", "ACTION", "FIRST", "LAST"].map(str::to_owned);
        let widths = rows.iter().fold(lengths(&head), |widths, (kind, row)| {
            let cells = lengths(&row.cells(kind));
            core::array::from_fn(|column| widths[column].max(cells[column]))
        });
        let head = (!rows.is_empty()).then(|| align(&head, &widths));
        let beyond =
            (self.beyond != 0).then(|| format!("and {} more, of further programs or calls", self.beyond));
        // Cells are made twice, and are not all there at once.
        let rows = rows.into_iter().map(move |(kind, row)| align(&row.cells(kind), &widths));
        head.into_iter().chain(rows).chain(beyond)
    }
}

impl Kind {
    fn of(violation: &Violation) -> Self {
        Self {
            program: violation.program().map(|program| short(program, LONGEST_PROGRAM)),
            arch: violation.arch,
            number: violation.number,
            action: violation.action,
            call: if violation.number.is_none() { call(violation) } else { None },
        }
    }
}

fn call(violation: &Violation) -> Option<String> {
    violation.call.as_ref().map(|call| short(call, LONGEST_CALL))
}

impl Row {
    fn new(violation: &Violation) -> Self {
        let (architecture, call) = (violation.architecture, call(violation));
        Self { count: 0, architecture, call, first: None, last: None }
    }

    fn add(&mut self, time: Option<Time>) {
        self.count += 1;
        self.first = self.first.into_iter().chain(time).min();
        self.last = self.last.max(time);
    }

    /// A violation of this kind, as far as the row knows it.
    pub(crate) fn example(&self, kind: &Kind) -> Violation {
        Violation {
            executable: kind.program.clone(),
            arch: kind.arch,
            architecture: self.architecture,
            number: kind.number,
            call: self.call.clone(),
            action: kind.action,
            ..Violation::default()
        }
    }

    fn cells(&self, kind: &Kind) -> [String; 7] {
        let [program, call, arch, action] = words(&self.example(kind));
        // What a terminal would obey is longer written out.
        let (program, call) = (short(&program, LONGEST_PROGRAM), short(&call, LONGEST_CALL));
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

/// The text, or its first and last characters where it has more than these.
fn short(text: &str, longest: usize) -> String {
    let length = text.chars().count();
    if length <= longest {
        return text.to_owned();
    }
    let first = (longest - 1) / 2;
    let last = text.chars().skip(length - (longest - 1 - first));
    text.chars().take(first).chain(['…']).chain(last).collect()
}

fn lengths<const N: usize>(cells: &[String; N]) -> [usize; N] {
    core::array::from_fn(|column| cells[column].chars().count())
}

/// Cells as a line, in columns of these widths; the first is a number.
fn align<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let cells = cells.iter().zip(widths).enumerate().map(|(column, (cell, &width))| match column {
        0 => format!("{cell:>width$}"),
        _ => format!("{cell:<width$}"),
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
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
        assert_eq!(table.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_table_has_an_end_and_says_so() {
        let mut table = Table::default();
        for program in 0..10_007 {
            table.add(&violation(&program.to_string(), 0));
        }
        table.add(&violation("0", 0));
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 10_002);
        assert_eq!(lines[10_001], "and 7 more, of further programs or calls");
    }

    #[test]
    fn a_row_has_an_end_and_says_so() {
        let mut table = Table::default();
        let long = |middle: &str| format!("/first{}/last", middle.repeat(10_000));
        for program in [long("a"), long("\x1b"), long("a")] {
            table.add(&Violation { call: Some("c".repeat(60_000)), ..violation(&program, 0) });
        }
        assert!(table.rows().iter().all(|(kind, row)| {
            let row = row.example(kind);
            [row.executable, row.call].iter().flatten().all(|text| text.chars().count() <= 200)
        }));
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        for line in &lines[1..] {
            assert!(line.contains("  /first") && line.contains("…") && line.contains("/last  ccc"), "{line}");
            assert!(line.chars().count() < 320, "{line}");
        }
    }

    #[test]
    fn names_cannot_command_a_terminal() {
        assert_eq!(visible("a\x1b]0;b\u{202e}c\u{fffd}ü"), "a\\u{1b}]0;b\\u{202e}c\u{fffd}ü");
    }
}
