//! Writes the compiler's tables from its data: `BLESS=1 cargo test -p seccomp-tests --test tables`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

/// The columns of the tables, in the order of `Table`: the name in the data and the variant.
const TABLES: [(&str, &str); 17] = [
    ("x86_64", "X86_64"),
    ("x32", "X32"),
    ("i386", "I386"),
    ("aarch64", "Aarch64"),
    ("arm", "Arm"),
    ("riscv64", "Riscv64"),
    ("riscv32", "Riscv32"),
    ("loongarch64", "Loongarch64"),
    ("powerpc", "Powerpc"),
    ("powerpc64", "Powerpc64"),
    ("s390x", "S390x"),
    ("s390", "S390"),
    ("mips", "Mips"),
    ("mips64", "Mips64"),
    ("mipsn32", "Mipsn32"),
    ("m68k", "M68k"),
    ("csky", "Csky"),
];

/// Numbers from here on, but below x32's bit, are arm's private calls.
const PRIVATE: u32 = 0x000f_0000;
const X32_BIT: u32 = 0x4000_0000;
/// x32 numbers the calls that it has instead of x86_64's from here on; they are older than the table's end.
const X32_OWN: u32 = X32_BIT + 512;

/// Every generated file of `src/tables` with its text.
pub fn generate(data: &Path) -> [(&'static str, String); 6] {
    let data = Data::read(data);
    [
        ("architectures.rs", data.architectures()),
        ("constants.rs", data.constants()),
        ("names.rs", data.names()),
        ("replacements.rs", data.replacements()),
        ("sets.rs", data.sets()),
        ("syscalls.rs", data.syscalls()),
    ]
}

type Row = HashMap<String, String>;

struct Data {
    architectures: Vec<Row>,
    constants: Vec<Row>,
    names: Vec<Row>,
    negative: BTreeSet<String>,
    replacements: Vec<Row>,
    /// Set → members, some of them sets.
    sets: BTreeMap<String, Vec<String>>,
    /// Name → table → number.
    numbers: BTreeMap<String, HashMap<String, u32>>,
    signatures: HashMap<String, Row>,
    variants: HashMap<(String, String), Row>,
    layouts: HashMap<(String, String), String>,
    /// Call and argument → bits, where the kernel declares more than it reads.
    narrowed: HashMap<(String, String), u8>,
}

impl Data {
    fn read(folder: &Path) -> Self {
        let rows = |name: &str| -> Vec<Row> {
            let mut reader = csv::Reader::from_path(folder.join(name)).expect("the data is there");
            reader.deserialize().map(|row| row.expect("the data is well formed")).collect()
        };
        let mut numbers: BTreeMap<String, HashMap<String, u32>> = BTreeMap::new();
        for row in rows("syscalls.csv").into_iter().chain(rows("syscalls-extra.csv")) {
            let of = numbers.entry(row["name"].clone()).or_default();
            let columns = TABLES.iter().filter(|(table, _)| row.get(*table).is_some_and(|n| !n.is_empty()));
            of.extend(columns.map(|(table, _)| ((*table).to_owned(), integer(&row[*table]))));
        }
        let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows("sets.csv").into_iter().chain(rows("own-sets.csv")) {
            sets.entry(row["set"].clone()).or_default().push(row["member"].clone());
        }
        let by_abi = |row: Row| ((row["name"].clone(), row["abi"].clone()), row);
        Self {
            architectures: rows("architectures.csv")
                .into_iter()
                .filter(|r| r["filter_support"] == "yes")
                .collect(),
            constants: sorted(rows("constants.csv")),
            names: rows("manual-names.csv"),
            negative: rows("negative-constants.csv").into_iter().map(|row| row["name"].clone()).collect(),
            replacements: sorted(rows("replacements.csv")),
            narrowed: rows("narrowed.csv")
                .into_iter()
                .map(|row| {
                    (
                        (row["syscall"].clone(), row["argument"].clone()),
                        row["bits"].parse().expect("a width is a number"),
                    )
                })
                .collect(),
            sets,
            numbers,
            signatures: rows("signatures.csv").into_iter().map(|row| (row["name"].clone(), row)).collect(),
            variants: rows("signature-variants.csv").into_iter().map(by_abi).collect(),
            layouts: rows("split64.csv")
                .into_iter()
                .map(|row| ((row["name"].clone(), row["abi"].clone()), row["layout"].clone()))
                .collect(),
        }
    }

    fn architectures(&self) -> String {
        let mut out = header(
            "architectures.csv",
            "use super::Table;\nuse crate::kernel::architecture::{Architecture, Endian, Width};\n",
        );
        writeln!(out, "pub(crate) static ARCHITECTURES: [Architecture; {}] = [", self.architectures.len())
            .expect("a string can be written");
        for row in &self.architectures {
            let table = &row["table"];
            let numbers = || self.numbers.values().filter_map(|of| of.get(table)).copied();
            let first = numbers().min().expect("a table is not empty");
            let ordinary = |n: &u32| !(PRIVATE..X32_BIT).contains(n) && *n < X32_OWN;
            let end = numbers().filter(ordinary).max().expect("a table has ordinary calls") + 1;
            // x32 and n32 tasks are shown to a filter with their 64-bit registers whole.
            let register =
                if row["word_bits"] == "64" || table == "x32" || table == "mipsn32" { 64 } else { 32 };
            let endian = if row["endian"] == "big" { "Big" } else { "Little" };
            let cfg =
                if row["cfg"].is_empty() { "None".to_owned() } else { format!("Some({:?})", row["cfg"]) };
            let targets: Vec<&str> = row["rust_targets"]
                .split_whitespace()
                .filter_map(|target| target.split(':').next())
                .collect();
            writeln!(
                out,
                "    Architecture {{ name: {:?}, audit: {}, endian: Endian::{endian}, register: Width::Bits{register}, \
                 cfg: {cfg}, table: Table::{}, first: {first}, end: {end}, compat: &{:?}, targets: &{targets:?} }},",
                row["name"],
                row["audit_arch"],
                variant(table),
                self.compat(row),
            )
            .expect("a string can be written");
        }
        out + "];\n"
    }

    /// The other ABIs of an architecture's kernel that a filter can tell from it: by their audit value, and in the
    /// same byte order.
    fn compat<'a>(&'a self, row: &'a Row) -> Vec<&'a str> {
        let find = |name: &str| self.architectures.iter().find(|other| other["name"] == name);
        let told_apart = |name: &&str| {
            // A 32-bit task on a 64-bit riscv kernel reports the 64-bit value.
            find(name).is_some_and(|other| other["endian"] == row["endian"]) && *name != "riscv32"
        };
        row["compat"].split_whitespace().filter(told_apart).collect()
    }

    fn constants(&self) -> String {
        let mut out = header("constants.csv and negative-constants.csv", "use super::Constant;\n");
        let (errnos, constants): (Vec<&Row>, Vec<&Row>) =
            self.constants.iter().partition(|row| row["group"] == "errno");
        self.constant_table(&mut out, "CONSTANTS", &constants);
        self.constant_table(&mut out, "ERRNOS", &errnos);
        let differing: Vec<String> = self.constants.iter().flat_map(differing).collect();
        writeln!(out, "\n/// A name, tables one bit each, and the value there.")
            .expect("a string can be written");
        writeln!(out, "pub(super) static DIFFERING: [(&str, u32, u64); {}] = [", differing.len())
            .expect("a string can be written");
        out + &differing.concat() + "];\n"
    }

    fn constant_table(&self, out: &mut String, name: &str, rows: &[&Row]) {
        writeln!(out, "pub(super) static {name}: [Constant; {}] = [", rows.len())
            .expect("a string can be written");
        for row in rows {
            let value = if row["value"].is_empty() { "0" } else { &row["value"] };
            let differs = tables(|table| {
                let lacks = row["absent"].split_whitespace().any(|absent| absent == table);
                lacks || overrides(row).any(|(of, _)| of == table)
            });
            writeln!(
                out,
                "    Constant {{ name: {:?}, value: {value}, differs: {differs:#x}, negative: {} }},",
                row["name"],
                self.negative.contains(&row["name"]),
            )
            .expect("a string can be written");
        }
        out.push_str("];\n");
    }

    fn replacements(&self) -> String {
        let mut out = header("replacements.csv", "");
        writeln!(out, "pub(super) static REPLACEMENTS: [(&str, &[&str]); {}] = [", self.replacements.len())
            .expect("a string can be written");
        for row in &self.replacements {
            let names: Vec<&str> = row["replacements"].split_whitespace().collect();
            for name in names.iter().copied().chain([row["name"].as_str()]) {
                assert!(self.numbers.contains_key(name), "replacements.csv names no call: {name}");
            }
            writeln!(out, "    ({:?}, &{names:?}),", row["name"]).expect("a string can be written");
        }
        out + "];\n"
    }

    fn names(&self) -> String {
        let mut out = header("manual-names.csv", "");
        writeln!(out, "/// The call or `*`, the manual page's name of an argument, the kernel's.")
            .expect("a string can be written");
        writeln!(out, "pub(super) static MANUAL_NAMES: [(&str, &str, &str); {}] = [", self.names.len())
            .expect("a string can be written");
        for row in &self.names {
            let (syscall, manual, kernel) = (&row["syscall"], &row["manual"], &row["kernel"]);
            writeln!(out, "    ({syscall:?}, {manual:?}, {kernel:?}),").expect("a string can be written");
        }
        out + "];\n"
    }

    fn sets(&self) -> String {
        let mut out = header("sets.csv and own-sets.csv", "");
        writeln!(out, "pub(super) static SETS: [(&str, &[&str]); {}] = [", self.sets.len())
            .expect("a string can be written");
        for set in self.sets.keys() {
            let mut members = BTreeSet::new();
            self.members(set, &mut members, &mut vec![]);
            writeln!(out, "    ({set:?}, &{members:?}),").expect("a string can be written");
        }
        let text = out + "];\n";
        text.replace("&{", "&[").replace("}),", "]),")
    }

    /// The calls in a set and in the sets in it; those that no table has are left out.
    fn members<'a>(&'a self, set: &'a str, members: &mut BTreeSet<&'a str>, within: &mut Vec<&'a str>) {
        assert!(!within.contains(&set), "{set} contains itself");
        within.push(set);
        for member in &self.sets[set] {
            if member.starts_with('@') {
                self.members(member, members, within);
            } else if self.numbers.contains_key(member) {
                members.insert(member);
            }
        }
        within.pop();
    }

    fn syscalls(&self) -> String {
        let mut out = header(
            "syscalls.csv, syscalls-extra.csv, signatures.csv, signature-variants.csv and split64.csv",
            "use super::{Argument as A, NONE as N, Syscall, Table};\n",
        );
        let mut arguments = Arguments::default();
        writeln!(out, "pub(super) static SYSCALLS: [Syscall; {}] = [", self.numbers.len())
            .expect("a string can be written");
        for (name, numbers) in &self.numbers {
            let column =
                |(table, _): &(&str, &str)| numbers.get(*table).map_or("N".to_owned(), u32::to_string);
            let columns: Vec<String> = TABLES.iter().map(column).collect();
            let common = self.signatures.get(name).and_then(|row| self.signature(name, row));
            let signature = common.as_ref().map(|common| arguments.place(common));
            let special = |(table, variant): &(&str, &str)| {
                let own = self.signature_on(name, table).filter(|own| common.as_ref() != Some(own))?;
                numbers
                    .contains_key(*table)
                    .then(|| format!("(Table::{variant}, {:?})", arguments.place(&own)))
            };
            let variants: Vec<String> = TABLES.iter().filter_map(special).collect();
            writeln!(
                out,
                "    Syscall {{ name: {name:?}, numbers: [{}], signature: {signature:?}, variants: &[{}] }},",
                columns.join(", "),
                variants.join(", "),
            )
            .expect("a string can be written");
        }
        out + "];\n" + &arguments.literal()
    }

    /// A signature, with the bits that the kernel reads where it declares more.
    fn signature(&self, name: &str, row: &Row) -> Option<Vec<(String, u8)>> {
        let mut arguments = signature(row)?;
        for (argument, bits) in &mut arguments {
            if let Some(read) = self.narrowed.get(&(name.to_owned(), argument.clone())) {
                *bits = *read;
            }
        }
        Some(arguments)
    }

    /// The registers of a call on one table: its own signature where it has one, 64-bit arguments spread over two
    /// registers where the ABI spreads them. Only six registers are in `seccomp_data`.
    fn signature_on(&self, name: &str, table: &str) -> Option<Vec<(String, u8)>> {
        // The 31-bit ABI of s390x takes the same arguments.
        let table = if table == "s390" { "s390x" } else { table };
        let key = (name.to_owned(), table.to_owned());
        let own = self
            .variants
            .get(&key)
            .or_else(|| self.signatures.get(name))
            .and_then(|row| self.signature(name, row));
        let Some(layout) = self.layouts.get(&key) else { return own };
        let bits = |word: &str| {
            let whole = own.iter().flatten().find(|(argument, _)| argument == word);
            whole.map_or(32, |(_, bits)| *bits)
        };
        Some(layout.split_whitespace().take(6).map(|word| (word.to_owned(), bits(word))).collect())
    }
}

fn header(sources: &str, uses: &str) -> String {
    format!(
        "// Generated from {sources} of seccomp-compiler/data; see tables/mod.rs. Not edited by hand.\n{uses}\n"
    )
}

fn signature(row: &Row) -> Option<Vec<(String, u8)>> {
    let count: usize = row["argc"].parse().ok()?;
    let names: Vec<&str> = row["arg_names"].split_whitespace().collect();
    assert_eq!(names.len(), count, "{}", row["name"]);
    let bits = |i: usize| row[&format!("bits{i}")].parse().expect("an argument has a width");
    Some((0..count).map(|i| (names[i].to_owned(), bits(i))).collect())
}

/// The arguments of every signature, each signature once.
#[derive(Default)]
struct Arguments {
    all: Vec<(String, u8)>,
    places: HashMap<Vec<(String, u8)>, (usize, usize)>,
}

impl Arguments {
    /// Where a signature begins, and how many arguments it has.
    fn place(&mut self, signature: &[(String, u8)]) -> (usize, usize) {
        let place = (self.all.len(), signature.len());
        *self.places.entry(signature.to_vec()).or_insert_with(|| {
            self.all.extend_from_slice(signature);
            place
        })
    }

    fn literal(&self) -> String {
        let argument = |(name, bits): &(String, u8)| format!("    A {{ name: {name:?}, bits: {bits} }},\n");
        let lines: String = self.all.iter().map(argument).collect();
        format!("\npub(super) static ARGUMENTS: [A; {}] = [\n{lines}];\n", self.all.len())
    }
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| a["name"].cmp(&b["name"]));
    rows
}

/// The tables on which a constant has another value, with that.
fn overrides(row: &Row) -> impl Iterator<Item = (&str, &str)> {
    row["overrides"].split_whitespace().map(|pair| pair.split_once('=').expect("an override is table=value"))
}

/// A line for each value that a constant has on tables where it is not the usual one.
fn differing(row: &Row) -> Vec<String> {
    let mut values: Vec<&str> = Vec::new();
    for (table, value) in overrides(row) {
        if known(table) && !values.contains(&value) {
            values.push(value);
        }
    }
    let line = |value: &str| {
        let there = tables(|table| overrides(row).any(|of| of == (table, value)));
        format!("    ({:?}, {there:#x}, {value}),\n", row["name"])
    };
    values.into_iter().map(line).collect()
}

/// A bit for each of the tables of which something holds.
fn tables(holds: impl Fn(&str) -> bool) -> u32 {
    (0..TABLES.len()).map(|at| u32::from(holds(TABLES[at].0)) << at).sum()
}

fn known(table: &str) -> bool {
    TABLES.iter().any(|(name, _)| *name == table)
}

fn variant(table: &str) -> &'static str {
    TABLES.iter().find(|(name, _)| *name == table).expect("the data names a known table").1
}

fn integer(text: &str) -> u32 {
    text.parse().expect("a number is decimal")
}
