//! `syscalls.txt`, the numbers in columns, and `signatures.txt`, the arguments of each call.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use super::Columns;
use crate::data::{self, Numbers, rows};

/// Every call of any architecture, with its number and arguments there.
pub(super) struct Syscalls {
    pub(super) numbers: Numbers,
    /// By name and table, where an empty one is all that have none of their own.
    arguments: HashMap<(String, String), Vec<Argument>>,
    /// How 64-bit arguments are spread, by name and table.
    layouts: HashMap<(String, String), String>,
}

type Argument = (String, u32);

/// How wide the columns of names and of numbers are in `syscalls.txt`.
pub(super) const NAME: usize = 28;
pub(super) const NUMBER: usize = 12;

impl Syscalls {
    pub(super) fn read(data: &Path) -> Self {
        let mut numbers = data::numbers(&data.join("kernel/syscalls.csv"));
        for (name, own) in data::numbers(&data.join("s390.csv")) {
            numbers.entry(name).or_default().extend(own);
        }
        let narrowed = rows(&data.join("narrowed.csv")).into_iter();
        let narrowed = narrowed.map(|row| ((row["syscall"].clone(), row["argument"].clone()), row));
        let narrowed: HashMap<_, _> = narrowed.collect();
        let mut arguments = HashMap::new();
        for row in ["kernel/signatures.csv", "signatures.csv"].iter().flat_map(|file| rows(&data.join(file)))
        {
            let argument = |argument: &str| {
                let (name, bits) = argument.split_once(':').expect("an argument has a width");
                let read =
                    narrowed.get(&(row["name"].clone(), name.to_owned())).map(|row| row["bits"].as_str());
                (name.to_owned(), data::integer(read.unwrap_or(if bits == "ptr" { "64" } else { bits })))
            };
            let all = row["arguments"].split_whitespace().map(argument).collect();
            arguments.insert((row["name"].clone(), row["abi"].clone()), all);
        }
        let layouts = rows(&data.join("split64.csv")).into_iter();
        let layouts =
            layouts.map(|row| ((row["name"].clone(), row["abi"].clone()), row["layout"].clone())).collect();
        Self { numbers, arguments, layouts }
    }

    pub(super) fn numbers(&self, columns: &Columns) -> String {
        let mut out = format!("{:NAME$}", "#");
        for column in &columns.0 {
            write!(out, "{column:NUMBER$}").expect("a string can be written");
        }
        for (name, numbers) in &self.numbers {
            write!(out, "\n{name:NAME$}").expect("a string can be written");
            for column in &columns.0 {
                let number = numbers.get(column).map(u32::to_string).unwrap_or_default();
                write!(out, "{number:NUMBER$}").expect("a string can be written");
            }
        }
        out + "\n"
    }

    /// For each call its arguments, and then those of tables that have others, after `|` and the names of these.
    pub(super) fn signatures(&self, columns: &Columns) -> String {
        let mut out = String::new();
        for (name, numbers) in &self.numbers {
            let common = self.own(name, "");
            let mut variants: Vec<(Vec<Argument>, Vec<&str>)> = Vec::new();
            for column in columns.0.iter().filter(|column| numbers.contains_key(*column)) {
                let Some(own) = self.arguments_on(name, column).filter(|own| common != Some(own)) else {
                    continue;
                };
                match variants.iter_mut().find(|(other, _)| *other == own) {
                    Some((_, tables)) => tables.push(column),
                    None => variants.push((own, vec![column])),
                }
            }
            let Some(common) = common else {
                assert!(variants.is_empty(), "{name} has arguments on some ABIs only");
                continue;
            };
            out += name;
            out += &literal(common);
            for (own, tables) in variants {
                write!(out, " | {}:{}", tables.join(","), literal(&own)).expect("a string can be written");
            }
            out.push('\n');
        }
        out
    }

    fn own(&self, name: &str, table: &str) -> Option<&Vec<Argument>> {
        self.arguments.get(&(name.to_owned(), table.to_owned()))
    }

    /// The registers of a call on one table: its own arguments where it has them, those of 64 bits spread over two
    /// registers where the ABI spreads them. Only six registers are in `seccomp_data`.
    fn arguments_on(&self, name: &str, table: &str) -> Option<Vec<Argument>> {
        // The 31-bit ABI of s390x takes the same arguments.
        let table = if table == "s390" { "s390x" } else { table };
        let own = self.own(name, table).or_else(|| self.own(name, "")).cloned();
        let Some(layout) = self.layouts.get(&(name.to_owned(), table.to_owned())) else { return own };
        let bits = |word: &str| {
            let whole = own.iter().flatten().find(|(argument, _)| argument == word);
            whole.map_or(32, |(_, bits)| *bits)
        };
        Some(layout.split_whitespace().take(6).map(|word| (word.to_owned(), bits(word))).collect())
    }
}

fn literal(arguments: &[Argument]) -> String {
    arguments.iter().map(|(name, bits)| format!(" {name}:{bits}")).collect()
}
