//! Writes the compiler's tables from its data.
//!
//! What is long is text, which costs rustc nothing and is searched as it is; what is short is Rust.

mod architectures;
mod constants;
mod effects;
mod facts;
mod sets;
mod syscalls;
mod widths;

use std::fmt::Debug;
use std::path::Path;

use crate::data::{Row, rows};

/// Where the tables are in the compiler.
pub const FOLDER: &str = "src/kernel/tables";

/// Every generated file of `FOLDER` with its text.
pub fn generate(data: &Path) -> Vec<(&'static str, String)> {
    let columns = Columns::read(data);
    let syscalls = syscalls::Syscalls::read(data);
    syscalls.check();
    let mut tables = vec![
        ("architectures.rs", architectures::generate(data, &columns, &syscalls)),
        ("constants.txt", constants::generate(data, &columns, |group| group != "errno")),
        ("effects.rs", effects::generate(data, &syscalls)),
        ("errnos.txt", constants::generate(data, &columns, |group| group == "errno")),
        ("facts.rs", facts::generate(data, &syscalls)),
        ("kinds.txt", syscalls.kinds()),
        ("sets.rs", sets::generate(data, &syscalls)),
        ("signatures.txt", syscalls.signatures(&columns)),
        ("syscalls.txt", syscalls.numbers(&columns)),
        ("dependent.txt", widths::Widths::read(data).dependent()),
    ];
    tables.extend(facts::texts(data, &syscalls));
    tables
}

/// The columns of the tables: architectures that number their calls alike share one.
struct Columns(Vec<String>);

impl Columns {
    fn read(data: &Path) -> Self {
        let mut columns = Vec::new();
        for row in architectures(data) {
            if !columns.contains(&row["table"]) {
                columns.push(row["table"].clone());
            }
        }
        Self(columns)
    }
}

/// The architectures whose kernel has filters.
fn architectures(data: &Path) -> Vec<Row> {
    let mut rows = rows(&data.join("architectures.csv"));
    rows.retain(|row| is_yes(row, "filter_support"));
    rows
}

/// Whether a column of `architectures.csv` says yes.
pub(crate) fn is_yes(row: &Row, column: &str) -> bool {
    match row[column].as_str() {
        "yes" => true,
        "no" | "" => false,
        other => panic!("architectures.csv: {}: `{other}` is neither yes nor no", row["name"]),
    }
}

/// The variant of `Table` for a column.
fn variant(table: &str) -> String {
    table[..1].to_uppercase() + &table[1..]
}

/// The first lines of a generated Rust file.
fn header(sources: &str) -> String {
    format!("// Written by `cargo xtask tables` from {sources}. Do not edit.\n")
}

/// A static array of Rust.
fn array(name: &str, kind: &str, values: &[impl Debug]) -> String {
    let lines: String = values.iter().map(|value| format!("    {value:?},\n")).collect();
    format!("\npub(crate) static {name}: [{kind}; {}] = [\n{lines}];\n", values.len())
}
