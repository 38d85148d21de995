//! `constants.txt` and `errnos.txt`: a line for each name, with its value and the tables where it is another.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use super::Columns;
use crate::data::{Row, rows};

/// The constants of some groups, by name: the usual value, then tables with `=` and another value, or nothing where
/// they lack it. A negative `int` has its sign.
pub(super) fn generate(data: &Path, columns: &Columns, is_in: impl Fn(&str) -> bool) -> String {
    let files = ["kernel/constants.csv", "constants.csv"];
    let mut rows: Vec<Row> = files.iter().flat_map(|file| rows(&data.join(file))).collect();
    let s390 = s390(data);
    for row in &mut rows {
        match s390.get(&row["name"]).map(String::as_str) {
            Some("") => row.entry("absent".to_owned()).or_default().push_str(" s390"),
            Some(value) => row.entry("overrides".to_owned()).or_default().push_str(&format!(" s390={value}")),
            None => {}
        }
    }
    rows.retain(|row| is_in(&row["group"]));
    rows.sort_by(|a, b| a["name"].cmp(&b["name"]));
    let twice = rows.windows(2).find(|pair| pair[0]["name"] == pair[1]["name"]);
    assert!(twice.is_none(), "a constant is in both files: {twice:?}");
    rows.iter().map(|row| line(row, columns)).collect()
}

/// The constants of s390 that s390x has not, or with another value; empty where s390 has none.
fn s390(data: &Path) -> HashMap<String, String> {
    let rows = rows(&data.join("kernel/s390-constants.csv")).into_iter();
    rows.map(|mut row| (row.remove("name").unwrap_or_default(), row.remove("value").unwrap_or_default()))
        .collect()
}

/// The value that a table has in place of the usual one; empty if it lacks the constant.
fn value_on<'a>(row: &'a Row, table: &str) -> Option<&'a str> {
    let mut values = row["overrides"].split_whitespace().filter_map(|pair| pair.split_once('='));
    let own = values.find(|(other, _)| *other == table).map(|(_, value)| value);
    own.or_else(|| row["absent"].split_whitespace().any(|other| other == table).then_some(""))
}

fn line(row: &Row, columns: &Columns) -> String {
    let mut line = format!("{} {}", row["name"], if row["value"].is_empty() { "0x0" } else { &row["value"] });
    let mut others: Vec<(&str, Vec<&str>)> = Vec::new();
    for column in &columns.0 {
        // The 31-bit ABI of s390x has the same constants but for its own.
        let inherited = || (column == "s390").then(|| value_on(row, "s390x")).flatten();
        let Some(value) = value_on(row, column).or_else(inherited) else { continue };
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
