//! The constants and errors of the headers that programs include.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::thread;

use super::abi::{ABIS, Abi, S390};
use super::clang::Clang;
use super::requests;
use crate::data::{self, Row};

/// A name's value on each ABI that has it.
type Values = BTreeMap<&'static str, i128>;

/// The group of the requests of ioctl(2) that are in no other.
const REQUESTS: &str = "ioctl";

/// Writes `constants.csv`, and says which names of the one before it lacks, and what it could not read.
pub(super) fn write(source: &Path, data: &Path) -> Vec<String> {
    let path = data.join("kernel/constants.csv");
    let before = data::rows(&path);
    let rules = data::rows(&data.join("constant-headers.csv"));
    let by_hand = data::rows(&data.join("constants.csv"));
    let by_hand: BTreeSet<&String> = by_hand.iter().map(|row| &row["name"]).collect();
    let abis: Vec<&Abi> = ABIS.iter().filter(|abi| abi.target.is_some()).collect();
    let mut constants: BTreeMap<(String, String), Values> = BTreeMap::new();
    let mut unread: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (abi, (found, headers)) in thread::scope(|scope| {
        let running =
            abis.iter().map(|abi| (abi.name, scope.spawn(|| on(source, abi, &rules)))).collect::<Vec<_>>();
        running.into_iter().map(|(abi, found)| (abi, found.join().expect("no panic"))).collect::<Vec<_>>()
    }) {
        headers.into_iter().for_each(|header| unread.entry(header).or_default().push(abi));
        for (name, (group, value)) in found {
            if !by_hand.contains(&name) {
                constants.entry((name, group)).or_default().insert(abi, value);
            }
        }
    }
    let mut missing: Vec<String> =
        unread.iter().map(|(header, abis)| format!("cannot read {header} on {}", abis.join(" "))).collect();
    let rows: Vec<Vec<String>> =
        constants.iter().map(|((name, group), values)| row(name, group, values, &abis)).collect();
    let names: BTreeSet<&String> = constants.keys().map(|(name, _)| name).collect();
    let gone = before.iter().filter(|row| !names.contains(&row["name"]));
    missing.extend(gone.map(|row| format!("no constant {} in the headers of {}", row["name"], row["group"])));
    data::write(&path, &["name", "group", "value", "overrides", "absent"], &rows);
    missing
}

/// Writes `s390-constants.csv`: those of `constants.csv` that the 31-bit ABI of s390x has not or with another value.
pub(super) fn write_s390(source: &Path, data: &Path) -> Vec<String> {
    let rules = data::rows(&data.join("constant-headers.csv"));
    let wide = ABIS.iter().find(|abi| abi.name == "s390x").expect("s390x is an ABI");
    let ((own, unread), (wide, _)) = (on(source, &S390, &rules), on(source, wide, &rules));
    let value =
        |values: &HashMap<String, (String, i128)>, name: &str| values.get(name).map(|(_, value)| *value);
    let known = data::rows(&data.join("kernel/constants.csv"));
    let names = known.iter().map(|row| &row["name"]);
    let differing = names.filter(|name| value(&own, name) != value(&wide, name));
    let row = |name: &String| vec![name.clone(), value(&own, name).map(literal).unwrap_or_default()];
    let rows: Vec<Vec<String>> = differing.map(row).collect();
    data::write(&data.join("kernel/s390-constants.csv"), &["name", "value"], &rows);
    unread.into_iter().map(|header| format!("cannot read {header}")).collect()
}

/// The value on x86_64, and the ABIs where it is another or missing.
fn row(name: &str, group: &str, values: &Values, abis: &[&Abi]) -> Vec<String> {
    let usual = values.get("x86_64").copied();
    let (mut overrides, mut absent) = (Vec::new(), Vec::new());
    for abi in abis {
        match values.get(abi.name) {
            Some(value) if Some(*value) == usual => {}
            Some(value) => overrides.push(format!("{}={}", abi.name, literal(*value))),
            None => absent.push(abi.name),
        }
    }
    let usual = usual.map(literal).unwrap_or_default();
    [name, group, &usual, &overrides.join(" "), &absent.join(" ")].map(str::to_owned).to_vec()
}

fn literal(value: i128) -> String {
    if value < 0 { value.to_string() } else { format!("{value:#x}") }
}

/// The constants of one ABI by name, each with its group, and the headers that cannot be read.
fn on(source: &Path, abi: &Abi, rules: &[Row]) -> (HashMap<String, (String, i128)>, Vec<String>) {
    let clang = Clang::new(source, abi);
    // For what the macros of some headers mention, and leave to their users to include.
    let others =
        ["stddef.h", "linux/types.h", "asm/ioctl.h", "linux/time.h", "linux/fiemap.h", "linux/serial.h"];
    let headers: BTreeSet<&str> = rules.iter().map(|rule| rule["header"].as_str()).collect();
    let headers = headers.into_iter().filter(|header| !header.starts_with("asm-generic/"));
    let include = |header| {
        // A kernel installs the header of virtual machines where the architecture has its part.
        let needed = if header == "linux/kvm.h" { "asm/kvm.h" } else { header };
        format!("#if __has_include(<{needed}>)\n#include <{header}>\n#endif\n")
    };
    let text: String = others.into_iter().chain(headers).map(include).collect();
    let names = names(&clang.preprocess(&text, &["-dD"]));
    let mut groups: HashMap<&str, &String> = HashMap::new();
    for (header, name) in &names {
        let rule = rules.iter().find(|rule| is_of(rule, header) && takes(rule, name));
        groups.extend(rule.map(|rule| (name.as_str(), &rule["group"])));
    }
    let found = clang.evaluate(&text, &groups.keys().copied().collect());
    let (requests, unread) =
        requests::on(source, abi, &clang, &others.into_iter().map(include).collect::<String>());
    let requests = requests.into_iter().map(|(name, value)| (name, (REQUESTS.to_owned(), value)));
    let found = found.into_iter().map(|(name, value)| {
        let group = groups[name.as_str()].clone();
        (name, (group, value))
    });
    // The rules know better which group a name is of.
    (requests.chain(found).collect(), unread)
}

/// Whether a rule is for a header: a rule for `asm/x.h` also covers `asm-generic/x.h`.
fn is_of(rule: &Row, header: &str) -> bool {
    let shared = header.replace("asm-generic/", "asm/");
    [header, &shared].contains(&rule["header"].as_str())
}

/// Whether a rule is for a name: by how it begins, unless it begins as one of the exceptions.
fn takes(rule: &Row, name: &str) -> bool {
    let begins = |column: &str| {
        rule[column].split_whitespace().any(|word| match word.strip_suffix('$') {
            Some(word) => name == word,
            None => name.starts_with(word),
        })
    };
    begins("begins") && !begins("except")
}

/// The macros without arguments and the members of enumerations in a preprocessed text, each with the header that
/// defines it.
fn names(text: &str) -> BTreeSet<(String, String)> {
    let mut names = BTreeSet::new();
    let mut code: HashMap<String, String> = HashMap::new();
    let mut header = String::new();
    for line in text.lines() {
        if let Some(marker) = line.strip_prefix("# ") {
            let path = marker.split('"').nth(1).unwrap_or_default();
            let inside = path.split_once("include/uapi/").map_or("", |(_, inside)| inside);
            header = inside.to_owned();
        } else if let Some((name, value)) =
            line.strip_prefix("#define ").and_then(|line| line.split_once(' '))
        {
            if !name.contains('(') && !value.trim().is_empty() {
                names.insert((header.clone(), name.to_owned()));
            }
        } else if !line.starts_with('#') {
            let code = code.entry(header.clone()).or_default();
            code.push_str(line);
            code.push('\n');
        }
    }
    for (header, code) in code {
        names.extend(members(&code).map(|member| (header.clone(), member.to_owned())));
    }
    names
}

/// The members of the enumerations in a text.
fn members(code: &str) -> impl Iterator<Item = &str> {
    let blocks = code.split('{').zip(code.split('{').skip(1));
    let blocks = blocks.filter(|(before, _)| {
        let head = before.rsplit([';', '}']).next().unwrap_or_default();
        head.split_whitespace().next() == Some("enum")
    });
    let members = blocks.flat_map(|(_, block)| block.split('}').next().unwrap_or_default().split(','));
    members.filter_map(|member| member.split('=').next()?.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_macros_without_arguments_and_of_members_of_enumerations() {
        let text = "\
# 1 \"/kernel/include/uapi/linux/some.h\" 1
#define ONE 1
#define EMPTY
#define CALL(x) (x)
struct not { int member; };
enum some {
    TWO,
    THREE = 4,
};
# 1 \"/kernel/include/uapi/asm-generic/other.h\" 1
#define FOUR 4
";
        let names = names(text);
        let names: Vec<(&str, &str)> =
            names.iter().map(|(header, name)| (header.as_str(), name.as_str())).collect();
        let some = "linux/some.h";
        let expected = [("asm-generic/other.h", "FOUR"), (some, "ONE"), (some, "THREE"), (some, "TWO")];
        assert_eq!(names, expected);
    }
}
