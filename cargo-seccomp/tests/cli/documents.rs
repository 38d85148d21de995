//! What the document about the command shows is what it prints.

use std::fs;
use std::path::Path;

use crate::harness::Folder;

/// What a command of the document prints: what goes to standard error, then results.
fn printed(project: &Path, command: &str) -> String {
    let (folder, command) =
        command.strip_prefix("cd ").and_then(|rest| rest.split_once(" && ")).unwrap_or((".", command));
    let arguments = command.strip_prefix("cargo seccomp ").expect("it is ours");
    let mut command = Folder::with(&[]).command(arguments);
    let output = command.current_dir(project.join(folder)).output().expect("the command starts");
    String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).trim_end().to_owned()
}

/// With `BLESS` set, the document is written anew.
#[test]
fn the_document_shows_what_the_command_prints() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the project");
    let path = project.join("docs/command.md");
    let document = fs::read_to_string(&path).expect("the document is there");
    let mut blocks = document.split("\n```text\n$ ");
    let mut fresh = blocks.next().expect("it begins somehow").to_owned();
    let mut examples = 0;
    for block in blocks {
        let (example, rest) = block.split_once("\n```\n").expect("a block ends");
        let command = example.lines().next().unwrap_or_default();
        fresh.push_str(&format!("\n```text\n$ {command}\n{}\n```\n{rest}", printed(project, command)));
        examples += 1;
    }
    assert!(examples > 1);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &fresh).expect("the document can be written");
    }
    let hint = "BLESS=1 cargo test -p cargo-seccomp --test cli documents writes what is printed";
    assert!(document == fresh || std::env::var_os("BLESS").is_some(), "{hint}\n{fresh}");
}
