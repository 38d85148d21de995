//! The rules of the house: ARCHITECTURE.md's invariants, checked on the text of the sources.

use std::fs;
use std::path::{Path, PathBuf};

struct Source {
    path: String,
    text: String,
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the project")
}

/// Every Rust source below a folder of the project.
fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut pending = vec![project().join(folder)];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder of the project can be listed");
            pending.extend(entries.map(|entry| entry.expect("an entry can be read").path()));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(Source {
                text: fs::read_to_string(&path).expect("a source is text"),
                path: relative(&path),
            });
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

fn relative(path: &Path) -> String {
    let below = path.strip_prefix(project()).expect("the path is below the project");
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The lines of code, without comments.
fn code(source: &Source) -> impl Iterator<Item = &str> {
    source.text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// The line without what it has in quotes.
fn unquoted(line: &str) -> String {
    line.split('"').step_by(2).collect()
}

/// Whether a word stands in a line as a word.
fn names(line: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(in_word) && !line[at + word.len()..].starts_with(in_word))
}

/// Asserts that only the sources in `allowed` name any of the words.
fn only(folders: &[&str], words: &[&str], allowed: &[&str]) {
    let mut uses = 0;
    for source in folders.iter().flat_map(|folder| sources(folder)) {
        let found = words.iter().find(|word| code(&source).any(|line| names(line, word)));
        let is_allowed = allowed.iter().any(|allowed| source.path.starts_with(allowed));
        assert!(found.is_none() || is_allowed, "{} names `{}`", source.path, found.unwrap_or(&""));
        uses += usize::from(found.is_some());
    }
    assert!(allowed.is_empty() || uses > 0, "nothing names {words:?} any more: this rule guards nothing");
}

const SHIPPED: [&str; 7] = [
    "seccomp-compiler/src",
    "seccomp-macros/src",
    "seccomp-runtime/src",
    "seccomp-tools/src",
    "seccomp-observe/src",
    "cargo-seccomp/src",
    "examples",
];

#[test]
fn only_one_module_names_the_yaml_library() {
    only(&SHIPPED, &["serde_yaml", "serde", "saphyr_parser"], &["seccomp-compiler/src/document/yaml/"]);
}

#[test]
fn only_the_macros_name_quote() {
    only(&SHIPPED, &["quote!", "quote_spanned!", "proc_macro2", "syn"], &["seccomp-macros/src/"]);
}

/// The modules that talk to the kernel: of the runtime, and of the tracer.
const UNSAFE: [&str; 2] = ["seccomp-runtime/src/sys/", "seccomp-observe/src/tracer/sys.rs"];

#[test]
fn unsafe_ships_in_two_modules_and_each_block_has_its_proof() {
    let is_allowed = |path: &str| UNSAFE.iter().any(|allowed| path.starts_with(allowed));
    let is_attribute = |line: &str| line.contains("unsafe_code") || line.contains("unsafe_op");
    for folder in SHIPPED {
        for source in sources(folder) {
            let lines: Vec<&str> = source.text.lines().collect();
            for (at, line) in lines.iter().enumerate() {
                if line.trim_start().starts_with("//") || is_attribute(line) || !names(line, "unsafe") {
                    continue;
                }
                assert!(is_allowed(&source.path), "{}: {line}", source.path);
                let before = lines[..at].iter().rev().take(8);
                assert!(before.clone().any(|line| line.contains("SAFETY:")), "no proof above {line}");
            }
        }
    }
}

#[test]
fn unsafe_in_the_tests_is_in_the_harness() {
    for source in sources("tests/src").into_iter().chain(sources("tests/tests")) {
        let found = code(&source).any(|line| names(&unquoted(line), "unsafe"));
        assert!(!found || source.path.starts_with("tests/src/kernel/"), "{}", source.path);
    }
}

/// A test that measures time, or guesses how long something takes, fails on a busy machine. What a bound is for can be
/// counted, or is processor time; what is waited for can be waited for. The programs under `tests/fixtures` are no
/// tests: they show what sleeping takes.
#[test]
fn no_test_goes_by_the_clock() {
    let words = ["Instant", "SystemTime", "elapsed", "sleep", "park_timeout", "wait_timeout"];
    for folder in ["tests/src", "tests/tests", "cargo-seccomp/tests", "seccomp-observe/tests", "xtask"] {
        for source in sources(folder).iter().filter(|source| source.path != "tests/tests/house.rs") {
            for word in words {
                assert!(!code(source).any(|line| names(line, word)), "{} names `{word}`", source.path);
            }
        }
    }
}

#[test]
fn the_proof_knows_nothing_of_how_programs_are_made() {
    for source in sources("seccomp-compiler/src") {
        if source.path.contains("/proof/") {
            for word in ["plan", "assemble"] {
                assert!(!code(&source).any(|line| names(line, word)), "{} names `{word}`", source.path);
            }
        }
    }
}

#[test]
fn the_compiler_and_the_tools_do_no_input_or_output() {
    let words = ["std::fs", "std::env", "std::io", "std::process", "std::net"];
    for source in sources("seccomp-compiler/src").into_iter().chain(sources("seccomp-tools/src")) {
        for word in words {
            let found = code(&source).any(|line| unquoted(line).contains(word));
            assert!(!found, "{} names `{word}`", source.path);
        }
    }
}

#[test]
fn crates_depend_on_each_other_one_way() {
    let allowed: [(&str, &[&str]); 6] = [
        ("seccomp-compiler", &[]),
        ("seccomp-macros", &["seccomp-compiler"]),
        ("seccomp-runtime", &["seccomp-macros"]),
        ("seccomp-tools", &["seccomp-compiler"]),
        ("seccomp-observe", &["seccomp-compiler"]),
        ("cargo-seccomp", &["seccomp-compiler", "seccomp-observe", "seccomp-tools"]),
    ];
    for (name, expected) in allowed {
        let manifest =
            fs::read_to_string(project().join(name).join("Cargo.toml")).expect("a crate has a manifest");
        let dependencies = manifest.split("\n[").filter(|section| {
            let heading = section.lines().next().unwrap_or_default();
            heading.ends_with("dependencies]") && !heading.contains("dev-dependencies")
        });
        let key = |line: &str| line.split(['.', ' ', '=']).next().map(str::to_owned);
        let mut found: Vec<String> =
            dependencies.flat_map(|section| section.lines().skip(1).filter_map(key)).collect();
        found.retain(|dependency| dependency.starts_with("seccomp-"));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn every_invariant_of_the_architecture_names_a_test() {
    let text = fs::read_to_string(project().join("ARCHITECTURE.md")).expect("the document is there");
    let (_, section) = text.split_once("## Invariants").expect("it lists the invariants");
    let rows = section.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let tests =
        rows.filter_map(|row| row.split(" | ").last()).flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let tests: Vec<String> = tests.map(|name| format!("fn {name}(")).collect();
    assert!(tests.len() > 10);
    let sources = sources("tests/tests");
    for test in tests {
        assert!(sources.iter().any(|source| source.text.contains(&test)), "there is no `{test}`");
    }
}

#[test]
fn every_published_crate_has_the_licences() {
    let manifests = fs::read_dir(project()).expect("the project can be listed");
    let crates = manifests.map(|entry| entry.expect("an entry can be read").path());
    let published = crates.filter(|folder| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.contains("license.workspace = true") && !manifest.contains("publish = false")
    });
    let mut count = 0;
    for folder in published {
        for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let [own, common] = [folder.as_path(), project()].map(|folder| fs::read(folder.join(name)).ok());
            assert!(own.is_some() && own == common, "{} has no {name} as the project's", relative(&folder));
        }
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn the_runtime_is_no_std_and_allocates_nothing() {
    let root =
        fs::read_to_string(project().join("seccomp-runtime/src/lib.rs")).expect("the runtime has a root");
    assert!(root.contains("#![no_std]"));
    for source in sources("seccomp-runtime/src") {
        for word in ["alloc", "Vec", "Box", "String", "std"] {
            let is_use = |line: &&str| names(line, word) && !line.contains("feature = \"std\"");
            let found = code(&source).find(is_use);
            let is_allowed = word == "std" && source.path.ends_with("/io_error.rs");
            assert!(found.is_none() || is_allowed, "{} names `{word}`", source.path);
        }
    }
}

#[test]
fn no_source_is_longer_than_the_eye_takes_in() {
    for folder in SHIPPED.into_iter().chain(["tests/src", "tests/tests"]) {
        for source in sources(folder) {
            let generated = source.path.contains("/tables/");
            assert!(generated || source.text.lines().count() <= 500, "{} has over 500 lines", source.path);
        }
    }
}

#[test]
fn documents_lead_to_files_that_exist() {
    let mut links = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document is text");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("crate::") {
                continue;
            }
            let path = document.parent().expect("a document is in a folder").join(target);
            assert!(path.exists(), "{} leads to {target}, which does not exist", relative(&document));
            links += 1;
        }
    }
    assert!(links > 5);
}

fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "policies", "seccomp-runtime/docs"].map(|folder| project().join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("the folder is there"));
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}
