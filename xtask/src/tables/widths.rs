//! How many bits of each argument the kernel reads, where that is less than it declares.

use std::fmt::Write as _;
use std::path::Path;

use super::facts::lines;
use crate::data::{Row, rows};

/// `widths.csv`.
#[derive(Default)]
pub(super) struct Widths(Vec<Row>);

impl Widths {
    pub(super) fn read(data: &Path) -> Self {
        Self(rows(&data.join("widths.csv")))
    }

    /// Panics where a row is about no argument of a call.
    pub(super) fn check(&self, is_argument: impl Fn(&str, &str) -> bool) {
        for row in &self.0 {
            let (call, argument) = (&row["syscall"], &row["argument"]);
            assert!(is_argument(call, argument), "widths.csv: `{call}` has no argument `{argument}`");
        }
    }

    /// The bits that are read whatever the other arguments are, as `signatures.txt` has them; none if all are.
    pub(super) fn read_of(&self, call: &str, argument: &str, table: &str) -> Option<&str> {
        let judged =
            |row: &&Row| row["syscall"] == call && row["argument"] == argument && row["when"].is_empty();
        let judged: Vec<&Row> = self.0.iter().filter(judged).collect();
        let own = judged.iter().find(|row| row["abi"].split(' ').any(|abi| abi == table && !abi.is_empty()));
        match &*own.or_else(|| judged.iter().find(|row| row["abi"].is_empty()))?["bits"] {
            "all" => None,
            "none" => Some("0"),
            bits => Some(bits),
        }
    }

    /// Arguments whose width depends on another one.
    pub(super) fn dependent(&self) -> String {
        lines(self.0.iter().filter(|row| !row["when"].is_empty()).map(|row| {
            let (selector, values) = row["when"].split_once('=').expect("one argument decides");
            let values = values.replace(' ', ",");
            let mut rest = format!("{} {selector} {} {values}", row["argument"], row["bits"]);
            if !row["abi"].is_empty() {
                write!(rest, " {}", row["abi"].replace(' ', ",")).expect("a string can be written");
            }
            (row["syscall"].clone(), rest)
        }))
    }
}
