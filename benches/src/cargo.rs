//! Cargo, as the figures need it.

use std::process::Command;

use crate::policies::project;

/// Cargo with these words, in the project's folder.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(words).current_dir(project());
    cargo
}

/// How many crates are in the tree of a package with its build dependencies, itself among them.
pub(crate) fn crates(of: &[&str]) -> Option<usize> {
    let tree = ["tree", "--prefix", "none", "--edges", "normal,build", "--no-dedupe"];
    let output = cargo(&tree).args(of).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut crates: Vec<&str> = text.lines().collect();
    crates.sort_unstable();
    crates.dedup();
    (!crates.is_empty()).then_some(crates.len())
}
