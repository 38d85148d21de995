//! The data files: CSV with a line of column names.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// A line of a data file, by column.
pub type Row = HashMap<String, String>;

/// Every line of a data file.
pub fn rows(path: &Path) -> Vec<Row> {
    let read = || csv::Reader::from_path(path)?.deserialize().collect::<Result<_, _>>();
    read().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Writes a data file.
pub(crate) fn write(path: &Path, columns: &[&str], rows: &[Vec<String>]) {
    let write = || {
        let mut writer = csv::Writer::from_path(path)?;
        writer.write_record(columns)?;
        rows.iter().try_for_each(|row| writer.write_record(row))
    };
    write().unwrap_or_else(|error: csv::Error| panic!("{}: {error}", path.display()));
}

/// The numbers of the system calls: name → table → number.
pub type Numbers = BTreeMap<String, BTreeMap<String, u32>>;

/// The numbers in a file that has a column for each table.
pub fn numbers(path: &Path) -> Numbers {
    let mut numbers = Numbers::new();
    for mut row in rows(path) {
        let name = row.remove("name").expect("a call has a name");
        let given = row.into_iter().filter(|(_, number)| !number.is_empty());
        numbers.insert(name, given.map(|(table, number)| (table, integer(&number))).collect());
    }
    numbers
}

/// A decimal number.
pub fn integer(text: &str) -> u32 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is not a number"))
}
