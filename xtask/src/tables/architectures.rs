//! `architectures.rs`: a row for each ABI that has filters, and the columns of the tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use cfg_expr::expr::{Expression, Predicate, TargetPredicate};
use cfg_expr::targets::Endian;

use super::syscalls::{NAME, NUMBER, Syscalls};
use super::{Columns, array, header, variant};
use crate::data::{Row, rows};

/// Numbers from here on, but below x32's bit, are arm's private calls.
const PRIVATE: u32 = 0x000f_0000;
const X32_BIT: u32 = 0x4000_0000;
/// x32 numbers the calls that it has instead of x86_64's from here on; they are older than the table's end.
const X32_OWN: u32 = X32_BIT + 512;

pub(super) fn generate(data: &Path, columns: &Columns, syscalls: &Syscalls) -> String {
    let mut out = header("data/architectures.csv");
    out += "use crate::kernel::architecture::{Architecture, Endian, Uncovered, Width};\n";
    let version = std::fs::read_to_string(data.join("kernel/version")).expect("the version is there");
    let variants: Vec<String> = columns.0.iter().map(|table| variant(table)).collect();
    let halves: Vec<Row> = rows(&data.join("split64.csv"));
    write!(
        out,
        "\n/// The kernel release that the tables describe. A policy's meaning depends on it: a newer table knows newer\n\
         /// names.\n\
         pub const VERSION: &str = {:?};\n\
         \n/// A column of the tables: architectures that number their system calls alike share one.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq)]\n\
         pub(crate) enum Table {{\n    {},\n}}\n\
         \n/// How wide the columns of names and of numbers are in `syscalls.txt`.\n\
         pub(super) const WIDTHS: (usize, usize) = ({NAME}, {NUMBER});\n",
        version.trim_end(),
        variants.join(",\n    "),
    )
    .expect("a string can be written");
    out += "\n/// Their names in `signatures.txt`, `constants.txt` and `errnos.txt`.\n";
    out += array("TABLES", "&str", &columns.0).trim_start();
    let architectures = super::architectures(data);
    if let Err(overlap) = check_cfgs(&architectures) {
        panic!("architectures.csv: {overlap}");
    }
    writeln!(out, "\npub(crate) static ARCHITECTURES: [Architecture; {}] = [", architectures.len())
        .expect("a string can be written");
    for row in &architectures {
        out += &architecture(row, &halves, syscalls);
    }
    out + "];\n"
}

fn architecture(row: &Row, halves: &[Row], syscalls: &Syscalls) -> String {
    let table = &row["table"];
    let numbers = || syscalls.numbers.values().filter_map(|of| of.get(table)).copied();
    let first = numbers().min().expect("a table is not empty");
    let ordinary = |n: &u32| !(PRIVATE..X32_BIT).contains(n) && *n < X32_OWN;
    let end = numbers().filter(ordinary).max().expect("a table has ordinary calls") + 1;
    let beyond = syscalls.numbers.iter().filter_map(|(name, of)| Some((name, *of.get(table)?)));
    let beyond: Vec<(&String, u32)> = beyond.filter(|(_, number)| *number >= end).collect();
    let big = match row["endian"].as_str() {
        "big" => true,
        "little" => false,
        other => panic!("architectures.csv: {}: unknown byte order `{other}`", row["name"]),
    };
    let layout = halves.iter().find(|layout| layout["abi"] == *table);
    let high_first = |layout: &Row| layout["layout"].find(".hi") < layout["layout"].find(".lo");
    let swapped = layout.is_some_and(|layout| high_first(layout) != big);
    let words = |column: &str| row[column].split_whitespace().collect::<Vec<_>>();
    let cfg = Some(&row["cfg"]).filter(|cfg| !cfg.is_empty());
    format!(
        "    Architecture {{\n        \
             name: {:?}, aliases: &{:?}, targets: &{:?},\n        \
             cfg: {cfg:?}, is_host: cfg!({}),\n        \
             audit: {}, audit_name: {:?}, endian: Endian::{}, register: Width::BITS_{}, numbers: {},\n        \
             table: Table::{}, first: {first}, end: {end}, beyond_end: &{beyond:?}, swapped_halves: {swapped},\n        \
             sibling: {}, compat: &{:?}, has_signal_frame: {},\n    \
         }},\n",
        row["name"],
        words("aliases"),
        words("rust_targets"),
        cfg.map_or("any()", String::as_str),
        row["audit_arch"],
        row["audit_short"],
        if big { "Big" } else { "Little" },
        row["register_bits"],
        if row["numbers"].is_empty() {
            "0..=u32::MAX".to_owned()
        } else {
            row["numbers"].replace('-', "..=")
        },
        variant(table),
        sibling(row),
        words("compat"),
        super::is_yes(row, "signal_frame"),
    )
}

/// The ABI with the same audit architecture, and what its calls get when they are not covered.
fn sibling(row: &Row) -> String {
    let uncovered = match row["sibling_calls"].as_str() {
        "" => return "None".to_owned(),
        "no-such-call" => "NoSuchCall",
        "foreign" => "Foreign",
        other => panic!("architectures.csv: unknown `{other}`"),
    };
    format!("Some(({:?}, Uncovered::{uncovered}))", row["sibling"])
}

/// Refuses predicates that can hold for the same target: each has one architecture.
fn check_cfgs(architectures: &[Row]) -> Result<(), String> {
    let rows = architectures.iter().filter(|row| !row["cfg"].is_empty());
    let mut cfgs = Vec::new();
    for row in rows {
        let cfg = Expression::parse(&row["cfg"]).map_err(|error| format!("{}: {error}", row["name"]))?;
        cfgs.push((&row["name"], cfg));
    }
    let mut names = BTreeSet::from(["other".to_owned()]);
    for predicate in cfgs.iter().flat_map(|(_, cfg)| cfg.predicates()) {
        match predicate {
            Predicate::Target(TargetPredicate::Arch(arch)) => drop(names.insert(arch.as_str().to_owned())),
            Predicate::Target(TargetPredicate::Endian(_) | TargetPredicate::PointerWidth(_)) => {}
            other => return Err(format!("a predicate of the target is expected, not {other:?}")),
        }
    }
    for name in &names {
        for endian in [Endian::little, Endian::big] {
            for width in [16, 32, 64] {
                let holds = |predicate: &Predicate<'_>| match predicate {
                    Predicate::Target(TargetPredicate::Arch(arch)) => arch.as_str() == name,
                    Predicate::Target(TargetPredicate::Endian(other)) => *other == endian,
                    Predicate::Target(TargetPredicate::PointerWidth(other)) => *other == width,
                    _ => false,
                };
                let mut holding = cfgs.iter().filter(|(_, cfg)| cfg.eval(holds)).map(|(name, _)| name);
                if let (Some(first), Some(second)) = (holding.next(), holding.next()) {
                    return Err(format!(
                        "the `cfg`s of {first} and {second} both hold for target_arch = {name:?}, \
                         target_endian = \"{endian:?}\", target_pointer_width = \"{width}\""
                    ));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::check_cfgs;

    #[test]
    fn two_architectures_of_one_target_are_refused() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler/data");
        let rows = crate::tables::architectures(&data);
        assert_eq!(check_cfgs(&rows), Ok(()));
        for (name, cfg, message) in [
            ("i386", r#"target_pointer_width = "32""#, "the `cfg`s of i386 and arm both hold"),
            ("riscv64", r#"not(target_arch = "x86")"#, "the `cfg`s of aarch64 and riscv64 both hold"),
            ("m68k", r#"target_arch = "csky""#, "the `cfg`s of m68k and csky both hold"),
            ("m68k", r#"target_os = "linux""#, "a predicate of the target is expected"),
            ("m68k", "target_arch", "m68k: "),
        ] {
            let mut rows = rows.clone();
            let row = rows.iter_mut().find(|row| row["name"] == name).expect("a row");
            row.insert("cfg".to_owned(), cfg.to_owned());
            let error = check_cfgs(&rows).expect_err("two rows");
            assert!(error.starts_with(message), "{error}");
        }
    }
}
