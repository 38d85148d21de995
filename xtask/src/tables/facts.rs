//! What calls have to do with each other, and what their arguments are called and take: a text for each, and the short
//! lists as `facts.rs`.

use std::path::Path;

use super::syscalls::Syscalls;
use super::{array, header};
use crate::data::{Row, rows};

/// `facts.rs`.
pub(super) fn generate(data: &Path, syscalls: &Syscalls) -> String {
    let facts = Facts { data, syscalls };
    let mut out = header("data/lists.csv and second-names.csv");
    out += "\n/// What a Rust program cannot do without, whatever it does.";
    out += &facts.list("ESSENTIAL", "essential");
    out += "\n/// What a panic makes until the process has ended: the message, a backtrace, and the abort.";
    out += &facts.list("PANIC", "panic");
    out += "\n/// What io_uring can do without a call of its own.";
    out += &facts.list("THROUGH_IO_URING", "io_uring");
    out += "\n/// What the kernel resumes by restart_syscall(2) after an interruption.";
    out += &facts.list("RESTARTED", "restarted");
    out + &facts.second_names()
}

/// A text for each table of calls and of arguments.
pub(super) fn texts(data: &Path, syscalls: &Syscalls) -> Vec<(&'static str, String)> {
    let facts = Facts { data, syscalls };
    vec![
        ("families.txt", facts.families()),
        ("manual-names.txt", facts.manual_names()),
        ("multiplexers.txt", facts.calls("multiplexers.csv", ["call", "makes"])),
        ("other-names.txt", facts.other_names()),
        ("replacements.txt", facts.calls("replacements.csv", ["name", "replacements"])),
        ("successors.txt", facts.calls("successors.csv", ["call", "newer"])),
        ("twins.txt", facts.calls("twins.csv", ["call", "twins"])),
        ("values.txt", facts.values()),
    ]
}

struct Facts<'a> {
    data: &'a Path,
    syscalls: &'a Syscalls,
}

const LISTS: [&str; 4] = ["essential", "panic", "io_uring", "restarted"];

impl Facts<'_> {
    fn rows(&self, file: &str) -> Vec<Row> {
        rows(&self.data.join(file))
    }

    fn check(&self, file: &str, call: &str) {
        assert!(self.syscalls.numbers.contains_key(call), "{file}: no call is named `{call}`");
    }

    fn check_argument(&self, file: &str, call: &str, argument: &str) {
        self.check(file, call);
        assert!(self.syscalls.has_argument(call, argument), "{file}: `{call}` has no `{argument}`");
    }

    /// For each call some others.
    fn calls(&self, file: &str, [call, others]: [&str; 2]) -> String {
        let rows = self.rows(file);
        for row in &rows {
            words(&row[others]).chain([&*row[call]]).for_each(|call| self.check(file, call));
        }
        lines(rows.iter().map(|row| (row[call].clone(), joined(&row[others]))))
    }

    fn list(&self, name: &str, list: &str) -> String {
        let rows = self.rows("lists.csv");
        let unknown = rows.iter().find(|row| !LISTS.contains(&row["list"].as_str()));
        assert!(unknown.is_none(), "lists.csv: unknown list: {unknown:?}");
        let calls = rows.iter().filter(|row| row["list"] == list).map(|row| row["call"].as_str());
        let calls: Vec<&str> = calls.collect();
        calls.iter().for_each(|call| self.check("lists.csv", call));
        array(name, "&str", &calls)
    }

    /// The constants that arguments take, with the bits that are one of them in hexadecimal.
    fn families(&self) -> String {
        let rows = self.rows("constant-families.csv");
        let family = |row: &Row| {
            let mask = match row["mask"].as_str() {
                "all" => u64::MAX,
                mask => number(mask),
            };
            let others = words(&row["others"]).map(|other| format!(" !{other}")).collect::<String>();
            let rest = format!("{mask:x} {}{others}", joined(&row["prefixes"]));
            let argument = |text: &str| {
                let (call, argument) = text.split_once(':').expect("a call and an argument");
                self.check_argument("constant-families.csv", call, argument);
                (call.to_owned(), format!("{argument} {rest}"))
            };
            words(&row["arguments"]).map(argument).collect::<Vec<_>>()
        };
        lines(rows.iter().flat_map(family))
    }

    fn other_names(&self) -> String {
        let rows = self.rows("other-names.csv");
        for row in &rows {
            let name = &row["name"];
            assert!(!self.syscalls.numbers.contains_key(name), "other-names.csv: `{name}` is a call");
            words(&row["calls"]).for_each(|call| self.check("other-names.csv", call));
        }
        lines(rows.iter().map(|row| (row["name"].clone(), joined(&row["calls"]))))
    }

    /// What may be in arguments, and how the names of their constants begin.
    fn values(&self) -> String {
        let rows = self.rows("values.csv");
        lines(rows.iter().map(|row| {
            let (call, argument, others) = (&row["call"], &row["argument"], &row["others"]);
            self.check_argument("values.csv", call, argument);
            let others = match others.as_str() {
                "" => "none".to_owned(),
                "bits" => "bits".to_owned(),
                mask => format!("{:x}", number(mask)),
            };
            let begins = words(&row["begins"]).map(|begin| format!(" {begin}")).collect::<String>();
            (call.clone(), format!("{argument} {others}{begins}"))
        }))
    }

    fn second_names(&self) -> String {
        let rows = self.rows("second-names.csv");
        let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str()).collect();
        let constants = [self.rows("kernel/constants.csv"), self.rows("constants.csv")].concat();
        for name in &names {
            let is_constant = constants.iter().any(|row| row["name"] == *name);
            assert!(is_constant, "second-names.csv: no constant is named `{name}`");
        }
        "\n/// Less common names of constants that have a better-known one.".to_owned()
            + &array("SECOND_NAMES", "&str", &names)
    }

    fn manual_names(&self) -> String {
        let rows = self.rows("manual-names.csv");
        lines(rows.iter().map(|row| (row["syscall"].clone(), format!("{} {}", row["manual"], row["kernel"]))))
    }
}

/// A line for each name and what is behind it, in the order of the names, and for one name in the order of the data.
pub(super) fn lines(rows: impl Iterator<Item = (String, String)>) -> String {
    let mut rows: Vec<(String, String)> = rows.collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    rows.iter().map(|(name, rest)| format!("{name} {rest}\n")).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}

/// The words with one space between them.
fn joined(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

/// A mask, which is written in hexadecimal unless it is 0.
fn number(text: &str) -> u64 {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u64::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("`{text}` is not a number in hexadecimal"))
}
