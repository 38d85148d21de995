//! What a user sees: the errors of rustc for a mistake in a policy or in the use of a macro, word for word.
//!
//! A case is a few neighbours in `tests/ui`:
//!
//! - `NAME.rs`, `NAME.yaml` and `NAME.stderr`: the program, its policy and what rustc prints;
//! - `ok-NAME.rs` without a `.stderr`: it compiles, and rustc prints nothing;
//! - `NAME.yaml` and `NAME.stderr` without a program: the first line of the policy is `# architecture: i386`, and the
//!   compiler's messages are for that architecture.
//!
//! All programs are targets of one throw-away package that is checked in one go.

mod large;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use seccomp_compiler::{Architecture, Compiler, SourceFile};
use serde_json::Value;

use crate::scratch::{Scratch, rendered, workspace};

/// The folder of the cases.
pub fn folder() -> PathBuf {
    workspace().join("tests/ui")
}

/// The stems of the files in the folder that have this extension.
pub fn stems(extension: &str) -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the folder of the cases can be read");
    let paths = entries.map(|entry| entry.expect("the folder of the cases can be read").path());
    let matching = paths.filter(|path| path.extension().is_some_and(|of| of == extension));
    let mut stems: Vec<String> =
        matching.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    stems.sort();
    stems
}

/// What rustc prints for each case with a program.
pub fn printed_by_rustc(tmp: &str) -> BTreeMap<String, String> {
    let cases = stems("rs");
    let scratch = Scratch::new(tmp, "ui");
    scratch.copy(&folder());
    for (name, text) in large::policies() {
        scratch.write(format!("{name}.yaml"), text);
    }
    scratch.write("Cargo.toml", manifest(&cases));
    let checked = scratch.cargo(&["check", "--bins", "--keep-going"]);
    let mut printed: BTreeMap<String, String> = cases.into_iter().map(|name| (name, String::new())).collect();
    let messages = checked.messages();
    assert!(messages.iter().any(|message| message["reason"] == "build-finished"), "{}", checked.log());
    for message in messages.iter().filter(|message| message["reason"] == "compiler-message") {
        let target = message["target"]["name"].as_str().unwrap_or_default();
        let Some(printed) = printed.get_mut(target) else { continue };
        printed.push_str(&normalised(message, scratch.root()));
    }
    printed
}

fn manifest(cases: &[String]) -> String {
    let runtime = workspace().join("seccomp-runtime");
    let mut manifest = format!(
        "[package]\nname = \"ui\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [dependencies]\nseccomp-runtime = {{ path = \"{}\", features = [\"report\"] }}\n",
        runtime.display(),
    );
    for name in cases {
        let _infallible = write!(manifest, "\n[[bin]]\nname = \"{name}\"\npath = \"{name}.rs\"\n");
    }
    manifest
}

/// One message without what differs between machines, and without rustc's summary, which is no message to a user of
/// the macros.
fn normalised(message: &Value, root: &Path) -> String {
    let summary =
        ["aborting due to", "could not compile", "Some errors have detailed", "For more information about"];
    let text = message["message"]["message"].as_str().unwrap_or_default();
    if summary.iter().any(|start| text.starts_with(start)) {
        return String::new();
    }
    let text = rendered(message).replace(&format!("{}/", root.display()), "");
    text.replace(&format!("{}/", workspace().display()), "$WORKSPACE/")
}

/// What the compiler says to each policy for another architecture than this machine's.
pub fn printed_for_architectures() -> BTreeMap<String, String> {
    let programs = stems("rs");
    let policies = stems("yaml").into_iter().filter_map(|name| Some((architecture(&name)?, name)));
    let alone = policies.filter(|(_, name)| !programs.contains(name));
    alone.map(|(architecture, name)| (name.clone(), compiler_output(&name, architecture))).collect()
}

fn compiler_output(name: &str, architecture: &'static Architecture) -> String {
    let policy = fs::read(folder().join(format!("{name}.yaml"))).expect("the policy can be read");
    match Compiler::for_architecture(architecture).compile(&SourceFile::new(format!("{name}.yaml"), policy)) {
        Ok(_) => String::new(),
        Err(problems) => problems.to_string(),
    }
}

fn architecture(name: &str) -> Option<&'static Architecture> {
    let policy = fs::read(folder().join(format!("{name}.yaml"))).ok()?;
    let policy = String::from_utf8_lossy(&policy);
    Architecture::find(policy.lines().next()?.strip_prefix("# architecture: ")?)
}

/// With `BLESS` set, makes the `.stderr` of each case what is printed.
pub fn bless(printed: &BTreeMap<String, String>) {
    if std::env::var_os("BLESS").is_none() {
        return;
    }
    for (name, text) in printed.iter().filter(|(name, _)| !name.starts_with("ok-")) {
        fs::write(expected(name), text).expect("the case can be written");
    }
}

/// Compares what is printed with the `.stderr` of each case.
pub fn compare(printed: &BTreeMap<String, String>) {
    let mut failures = String::new();
    for (name, got) in printed {
        let wanted = fs::read_to_string(expected(name)).unwrap_or_default();
        if *got != wanted {
            failures.push_str(&difference(name, &wanted, got));
        }
    }
    assert!(
        failures.is_empty(),
        "{failures}\nBLESS=1 cargo test -p seccomp-tests --test ui writes what is printed"
    );
}

fn expected(name: &str) -> PathBuf {
    folder().join(format!("{name}.stderr"))
}

/// What is wrong with a case, and every line of both texts: `-` only wanted, `+` only printed.
fn difference(name: &str, wanted: &str, got: &str) -> String {
    let what = match (wanted.is_empty(), got.is_empty()) {
        (true, _) => "it should compile in silence, but rustc prints",
        (_, true) => "it compiles, but these errors were expected",
        _ => "rustc prints something else",
    };
    format!("\n{name}: {what}\n{}", crate::difference(wanted, got))
}
