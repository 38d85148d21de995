//! The requests of ioctl(2), which all headers define alike: by `_IO`, `_IOR`, `_IOW` and `_IOWR`, or by macros over these.
//!
//! Headers for one device do not care for those for others: some define what others define, too. So they are read in
//! turns, each of which has as many as can be included together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::abi::Abi;
use super::clang::Clang;

/// What makes a request.
const MAKERS: [&str; 5] = ["_IO", "_IOC", "_IOR", "_IOW", "_IOWR"];

/// The requests that the headers of one ABI define, and the headers that cannot be read.
pub(super) fn on(
    source: &Path,
    abi: &Abi,
    clang: &Clang,
    before: &str,
) -> (HashMap<String, i128>, Vec<String>) {
    let mut definitions: HashMap<String, BTreeSet<String>> = HashMap::new();
    let mut values: HashMap<String, i128> = HashMap::new();
    let mut unread = Vec::new();
    let mut left = headers(source, abi);
    while !left.is_empty() {
        let (together, apart) = turn(clang, before, left);
        if together.is_empty() {
            unread.extend(apart);
            break;
        }
        let text = including(before, &together);
        let macros = Macros::read(&clang.preprocess(&text, &["-dD"]));
        let requests = macros.requests();
        values.extend(clang.evaluate(&text, &requests));
        for name in requests {
            definitions.entry(name.to_owned()).or_default().extend(macros.0[name].iter().cloned());
        }
        left = apart;
    }
    // A name that two headers use for two things is no name for either.
    values.retain(|name, _| definitions[name].len() == 1);
    (values, unread)
}

/// Every header that may define requests, but for those of other kernels' ABIs.
fn headers(source: &Path, abi: &Abi) -> BTreeSet<String> {
    let own = source.join("arch").join(abi.folder).join("include/uapi");
    let mut headers = BTreeSet::new();
    for root in [source.join("include/uapi"), own] {
        add_below(&root, &root, &mut headers);
    }
    if !source.join("arch").join(abi.folder).join("include/uapi/asm/kvm.h").exists() {
        headers.remove("linux/kvm.h");
    }
    headers
}

fn add_below(root: &Path, folder: &Path, headers: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the source is there") {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            add_below(root, &path, headers);
            continue;
        }
        let name = path.strip_prefix(root).expect("it is below").to_string_lossy().into_owned();
        let defines = || fs::read_to_string(&path).is_ok_and(|text| text.contains("IO"));
        if name.ends_with(".h") && !name.starts_with("asm-generic/") && defines() {
            headers.insert(name);
        }
    }
}

/// As many of the headers as clang takes together, and the others.
fn turn(clang: &Clang, before: &str, mut headers: BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut apart = BTreeSet::new();
    loop {
        let refused = clang.refused_includes(&including(before, &headers));
        let first = before.lines().count() + 1;
        let refused: BTreeSet<String> = (first..)
            .zip(&headers)
            .filter(|(line, _)| refused.contains(line))
            .map(|(_, header)| header.clone())
            .collect();
        if refused.is_empty() {
            return (headers, apart);
        }
        headers.retain(|header| !refused.contains(header));
        apart.extend(refused);
    }
}

fn including(before: &str, headers: &BTreeSet<String>) -> String {
    let includes = headers.iter().map(|header| format!("#include <{header}>\n"));
    before.to_owned() + &includes.collect::<String>()
}

/// The macros of a preprocessed text, each with every text that it is defined as; those with arguments without them.
struct Macros(BTreeMap<String, BTreeSet<String>>, HashSet<String>);

impl Macros {
    fn read(text: &str) -> Self {
        let mut macros = Self(BTreeMap::new(), HashSet::new());
        for definition in text.lines().filter_map(|line| line.strip_prefix("#define ")) {
            let end = definition.find(|c: char| !is_of_name(c)).unwrap_or(definition.len());
            let (name, rest) = definition.split_at(end);
            let body = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                Some((_arguments, body)) => {
                    macros.1.insert(name.to_owned());
                    body
                }
                None => rest,
            };
            let words: Vec<&str> = body.split_whitespace().collect();
            macros.0.entry(name.to_owned()).or_default().insert(words.join(" "));
        }
        macros
    }

    /// The macros without arguments that are requests.
    fn requests(&self) -> BTreeSet<&str> {
        let names = self.0.keys().map(String::as_str);
        names
            .filter(|name| !self.1.contains(*name) && !MAKERS.contains(name) && self.makes(name, 8))
            .collect()
    }

    /// Whether the first name in what a macro is defined as makes a request.
    fn makes(&self, name: &str, depth: usize) -> bool {
        if MAKERS.contains(&name) {
            return true;
        }
        let first = |body: &String| {
            let body = body.trim_start_matches(['(', ' ']);
            body.split(|c: char| !is_of_name(c)).next().is_some_and(|first| self.makes(first, depth - 1))
        };
        depth > 0 && self.0.get(name).is_some_and(|bodies| bodies.iter().any(first))
    }
}

fn is_of_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_made_by_io_also_through_other_macros() {
        let text = "\
#define _IOC(a,b,c,d) ((a) << 30 | (b))
#define _IO(type,nr) _IOC(0U,(type),(nr),0)
#define DRM_IO(nr) _IO('d',nr)
#define ONE _IO('a', 1)
#define TWO DRM_IO(2)
#define THREE ( ONE)
#define WITH(x) _IO('a', x)
#define SIZE sizeof(ONE)
#define NUMBER 1
";
        assert_eq!(Macros::read(text).requests(), BTreeSet::from(["ONE", "TWO", "THREE"]));
    }
}
