//! `facts.rs`: what calls have to do with each other, and what their arguments are called.

use std::path::Path;

use super::syscalls::Syscalls;
use super::widths::Widths;
use super::{array, header};
use crate::data::{Row, rows};

pub(super) fn generate(data: &Path, syscalls: &Syscalls) -> String {
    let facts = Facts { data, syscalls };
    let mut out = header(
        "data/replacements.csv, twins.csv, multiplexers.csv, successors.csv, lists.csv, values.csv, other-names.csv, constant-families.csv,\n\
         // second-names.csv, manual-names.csv and widths.csv",
    );
    out += "use crate::kernel::tables::{Dependent, Family, Others};\n";
    out += "\n/// What the newer architectures have in place of a call that they lack, the likeliest first.";
    out += &facts.calls("REPLACEMENTS", "replacements.csv", ["name", "replacements"]);
    out += "\n/// A refused call, and the calls that can do the same.";
    out += &facts.calls("TWINS", "twins.csv", ["call", "twins"]);
    out += "\n/// A call that makes others, whose numbers a filter then does not see.";
    out += &facts.calls("MULTIPLEXERS", "multiplexers.csv", ["call", "makes"]);
    out += "\n/// A call, and the newer calls that C libraries use instead.";
    out += &facts.calls("SUCCESSORS", "successors.csv", ["call", "newer"]);
    out += "\n/// What a Rust program cannot do without, whatever it does.";
    out += &facts.list("ESSENTIAL", "essential");
    out += "\n/// What a panic makes until the process has ended: the message, a backtrace, and the abort.";
    out += &facts.list("PANIC", "panic");
    out += "\n/// What io_uring can do without a call of its own.";
    out += &facts.list("THROUGH_IO_URING", "io_uring");
    out += "\n/// What the kernel resumes by restart_syscall(2) after an interruption.";
    out += &facts.list("RESTARTED", "restarted");
    out + &facts.other_names()
        + &facts.values()
        + &facts.families()
        + &facts.second_names()
        + &facts.manual_names()
        + &Widths::read(data).dependent()
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

    /// For each call some others.
    fn calls(&self, name: &str, file: &str, [call, others]: [&str; 2]) -> String {
        let mut rows = self.rows(file);
        rows.sort_by(|a, b| a[call].cmp(&b[call]));
        let pairs = rows.iter().map(|row| (row[call].as_str(), words(&row[others])));
        let pairs: Vec<(&str, Vec<&str>)> = pairs.collect();
        for (call, others) in &pairs {
            [*call].iter().chain(others).for_each(|call| self.check(file, call));
        }
        array(name, "(&str, &[&str])", &pairs).replace(", [", ", &[")
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

    fn families(&self) -> String {
        let rows = self.rows("constant-families.csv");
        let family = |row: &Row| {
            let argument = |text: &str| {
                let (call, argument) = text.split_once(':').expect("a call and an argument");
                self.check("constant-families.csv", call);
                assert!(self.syscalls.has_argument(call, argument), "constant-families.csv: no {text}");
                format!("({call:?}, {argument:?})")
            };
            let arguments: Vec<String> = words(&row["arguments"]).into_iter().map(argument).collect();
            let mask = if row["mask"] == "all" { "u64::MAX" } else { &row["mask"] };
            let (prefixes, others) = (words(&row["prefixes"]), words(&row["others"]));
            let arguments = arguments.join(", ");
            format!(
                "Family {{ arguments: &[{arguments}], mask: {mask}, prefixes: &{prefixes:?}, others: &{others:?} }}"
            )
        };
        let lines: String = rows.iter().map(|row| format!("    {},\n", family(row))).collect();
        format!(
            "\n/// The constants that arguments take.\npub(crate) static FAMILIES: [Family; {}] = [\n{lines}];\n",
            rows.len()
        )
    }

    fn other_names(&self) -> String {
        let rows = self.rows("other-names.csv");
        let names: Vec<(&str, Vec<&str>)> =
            rows.iter().map(|row| (row["name"].as_str(), words(&row["calls"]))).collect();
        for (name, calls) in &names {
            assert!(!self.syscalls.numbers.contains_key(*name), "other-names.csv: `{name}` is a call");
            calls.iter().for_each(|call| self.check("other-names.csv", call));
        }
        "\n/// A function of the C library, or another name of a call, and the calls that it makes."
            .to_owned()
            + &array("OTHER_NAMES", "(&str, &[&str])", &names).replace(", [", ", &[")
    }

    fn values(&self) -> String {
        let rows = self.rows("values.csv");
        let value = |row: &Row| {
            let (call, argument, others) = (&row["call"], &row["argument"], &row["others"]);
            self.check("values.csv", call);
            assert!(self.syscalls.has_argument(call, argument), "values.csv: `{call}` has no `{argument}`");
            let others = match others.as_str() {
                "" => "Others::None".to_owned(),
                "bits" => "Others::Bits".to_owned(),
                mask => format!("Others::Outside({mask})"),
            };
            format!("({call:?}, {argument:?}, &{:?}, {others})", words(&row["begins"]))
        };
        let lines: String = rows.iter().map(|row| format!("    {},\n", value(row))).collect();
        format!(
            "\n/// What arguments are: the call, the argument, how the names of its constants begin, and what else may be \
             in it.\npub(crate) static VALUES: [(&str, &str, &[&str], Others); {}] = [\n{lines}];\n",
            rows.len()
        )
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
        let mut rows = self.rows("manual-names.csv");
        rows.sort_by(|a, b| a["syscall"].cmp(&b["syscall"]));
        let names = rows.iter().map(|row| (&*row["syscall"], &*row["manual"], &*row["kernel"]));
        let names: Vec<(&str, &str, &str)> = names.collect();
        "\n/// The call or `*`, the manual page's name of an argument, the kernel's.".to_owned()
            + &array("MANUAL_NAMES", "(&str, &str, &str)", &names)
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}
