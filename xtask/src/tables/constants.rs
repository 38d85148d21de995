//! `constants.txt` and `errnos.txt`: a line for each name, with its value and the tables where it is another.

use std::fmt::Write as _;
use std::path::Path;

use super::Columns;
use crate::data::{Row, rows};

/// The constants of some groups, by name: the usual value, then tables with `=` and another value, or nothing where
/// they lack it. A negative `int` has its sign.
pub(super) fn generate(data: &Path, columns: &Columns, is_in: impl Fn(&str) -> bool) -> String {
    let files = ["kernel/constants.csv", "constants.csv"];
    let mut rows: Vec<Row> = files.iter().flat_map(|file| rows(&data.join(file))).collect();
    rows.retain(|row| is_in(&row["group"]));
    rows.sort_by(|a, b| a["name"].cmp(&b["name"]));
    let twice = rows.windows(2).find(|pair| pair[0]["name"] == pair[1]["name"]);
    assert!(twice.is_none(), "a constant is in both files: {twice:?}");
    rows.iter().map(|row| line(row, columns)).collect()
}

fn line(row: &Row, columns: &Columns) -> String {
    let mut line = format!("{} {}", row["name"], if row["value"].is_empty() { "0x0" } else { &row["value"] });
    let mut others: Vec<(&str, Vec<&str>)> = Vec::new();
    for column in &columns.0 {
        // The 31-bit ABI of s390x has the same headers.
        let headers = if column == "s390" { "s390x" } else { column };
        let mut own = row["overrides"].split_whitespace().filter_map(|pair| pair.split_once('='));
        let own = own.find(|(table, _)| *table == headers).map(|(_, value)| value);
        let lacks = row["absent"].split_whitespace().any(|table| table == headers);
        let Some(value) = own.or(lacks.then_some("")) else { continue };
        match others.iter_mut().find(|(other, _)| *other == value) {
            Some((_, tables)) => tables.push(column),
            None => others.push((value, vec![column])),
        }
    }
    for (value, tables) in others {
        write!(line, " {}={value}", tables.join(",")).expect("a string can be written");
    }
    line + "\n"
}
