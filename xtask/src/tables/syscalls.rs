//! `syscalls.txt`, the numbers in columns, and `signatures.txt`, the arguments of each call.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use super::Columns;
use super::widths::Widths;
use crate::data::{self, Numbers, rows};

/// Every call of any architecture, with its number and arguments there.
#[derive(Default)]
pub(super) struct Syscalls {
    pub(super) numbers: Numbers,
    /// As they are declared, by name and table, where an empty one is all that have none of their own.
    arguments: HashMap<(String, String), Vec<Argument>>,
    /// By name, its arguments that are pointers or have a sign.
    kinds: BTreeMap<String, Vec<String>>,
    widths: Widths,
    /// How 64-bit arguments are spread, by name and table.
    layouts: HashMap<(String, String), String>,
}

/// The name of an argument, and how many bits of it are declared or read.
type Argument = (String, String);

/// How wide the columns of names and of numbers are in `syscalls.txt`.
pub(super) const NAME: usize = 28;
pub(super) const NUMBER: usize = 12;

impl Syscalls {
    pub(super) fn read(data: &Path) -> Self {
        let mut numbers = data::numbers(&data.join("kernel/syscalls.csv"));
        for (name, own) in data::numbers(&data.join("s390.csv")) {
            numbers.entry(name).or_default().extend(own);
        }
        let mut arguments = HashMap::new();
        for row in ["kernel/signatures.csv", "signatures.csv"].iter().flat_map(|file| rows(&data.join(file)))
        {
            let argument = |argument: &str| {
                let (name, bits) = argument.split_once(':').expect("an argument has a width");
                (name.to_owned(), if bits == "ptr" { "64" } else { bits }.to_owned())
            };
            let all = row["arguments"].split_whitespace().map(argument).collect();
            arguments.insert((row["name"].clone(), row["abi"].clone()), all);
        }
        let mut kinds = BTreeMap::<String, Vec<String>>::new();
        for row in rows(&data.join("kernel/signatures.csv")).iter().filter(|row| row["abi"].is_empty()) {
            let pointers = row["arguments"].split_whitespace().filter_map(|word| word.strip_suffix(":ptr"));
            let marks: Vec<String> = pointers.map(|pointer| format!("*{pointer}")).collect();
            if !marks.is_empty() {
                kinds.entry(row["name"].clone()).or_default().extend(marks);
            }
        }
        for row in rows(&data.join("kernel/signed.csv")) {
            let marks = row["arguments"].split_whitespace().map(|signed| format!("-{signed}"));
            kinds.entry(row["name"].clone()).or_default().extend(marks);
        }
        let layouts = rows(&data.join("split64.csv")).into_iter();
        let layouts =
            layouts.map(|row| ((row["name"].clone(), row["abi"].clone()), row["layout"].clone())).collect();
        Self { numbers, arguments, kinds, widths: Widths::read(data), layouts }
    }

    /// Panics where a file speaks of a call or an argument that is none: a misspelled row would count for nothing.
    pub(super) fn check(&self) {
        let calls = self.arguments.keys().chain(self.layouts.keys()).map(|(name, _)| name);
        for name in calls.chain(self.kinds.keys()) {
            assert!(
                self.numbers.contains_key(name),
                "signatures.csv, split64.csv: no call is named `{name}`"
            );
        }
        self.widths.check(|call, argument| {
            let own = self.arguments.iter().filter(|((name, _), _)| name == call);
            own.flat_map(|(_, arguments)| arguments).any(|(name, _)| name == argument)
        });
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
            let common = self.read_by(name, "");
            let mut variants: Vec<(Vec<Argument>, Vec<&str>)> = Vec::new();
            for column in columns.0.iter().filter(|column| numbers.contains_key(*column)) {
                let Some(own) = self.arguments_on(name, column).filter(|own| common.as_ref() != Some(own))
                else {
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
            out += &literal(&common);
            for (own, tables) in variants {
                write!(out, " | {}:{}", tables.join(","), literal(&own)).expect("a string can be written");
            }
            out.push('\n');
        }
        out
    }

    /// For each call its arguments that are pointers, after `*`, and those that have a sign, after `-`.
    pub(super) fn kinds(&self) -> String {
        let mut out = String::new();
        for (name, marks) in &self.kinds {
            writeln!(out, "{name} {}", marks.join(" ")).expect("a string can be written");
        }
        out
    }

    /// Whether a call has an argument of this name where most ABIs have it.
    pub(super) fn has_argument(&self, name: &str, argument: &str) -> bool {
        self.declared(name, "").is_some_and(|arguments| arguments.iter().any(|(name, _)| name == argument))
    }

    fn declared(&self, name: &str, table: &str) -> Option<&Vec<Argument>> {
        self.arguments.get(&(name.to_owned(), table.to_owned()))
    }

    /// The arguments with as many bits as the kernel reads: those of one table, or of all that have none of their own.
    fn read_by(&self, name: &str, table: &str) -> Option<Vec<Argument>> {
        let mut own = self.declared(name, table);
        // The 31-bit ABI of s390x takes the same arguments where it has none of its own.
        if table == "s390" {
            own = own.or_else(|| self.declared(name, "s390x"));
        }
        let all = own.or_else(|| self.declared(name, ""))?.iter();
        let read = |(argument, declared): &Argument| {
            (argument.clone(), self.widths.read_of(name, argument, table).unwrap_or(declared).to_owned())
        };
        Some(all.map(read).collect())
    }

    /// The registers of a call on one table: its own arguments where it has them, those of 64 bits spread over two
    /// registers where the ABI spreads them. Only six registers are in `seccomp_data`.
    fn arguments_on(&self, name: &str, table: &str) -> Option<Vec<Argument>> {
        let own = self.read_by(name, table);
        let Some(layout) = self.layouts.get(&(name.to_owned(), table.to_owned())) else { return own };
        let bits = |word: &str| {
            let whole = own.iter().flatten().find(|(argument, _)| argument == word);
            // What only fills a register is not read.
            whole.map_or(if word == "-" { "0" } else { "32" }.to_owned(), |(_, bits)| bits.clone())
        };
        Some(layout.split_whitespace().take(6).map(|word| (word.to_owned(), bits(word))).collect())
    }
}

fn literal(arguments: &[Argument]) -> String {
    arguments.iter().map(|(name, bits)| format!(" {name}:{bits}")).collect()
}
