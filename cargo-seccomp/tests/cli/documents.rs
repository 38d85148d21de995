//! What the document about the command shows is what it prints.

use std::fs;
use std::path::Path;

use crate::harness::Folder;

/// The blocks that begin with a command, each as the folder to run it in, its arguments and what it prints: what goes to
/// standard error, then results.
fn examples(document: &str) -> Vec<(&str, &str, &str)> {
    let blocks = document.split("\n```text\n$ ").skip(1);
    let blocks = blocks.map(|rest| rest.split_once("\n```\n").expect("a block ends").0);
    let example = |block| {
        let (command, printed) = str::split_once(block, '\n').expect("it prints something");
        let (folder, command) =
            command.strip_prefix("cd ").and_then(|rest| rest.split_once(" && ")).unwrap_or((".", command));
        (folder, command.strip_prefix("cargo seccomp ").expect("it is ours"), printed)
    };
    blocks.map(example).collect()
}

#[test]
fn the_document_shows_what_the_command_prints() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the project");
    let document = fs::read_to_string(project.join("docs/command.md")).expect("the document is there");
    let examples = examples(&document);
    assert!(examples.len() > 1);
    for (folder, arguments, expected) in examples {
        let mut command = Folder::with(&[]).command(arguments);
        let output = command.current_dir(project.join(folder)).output().expect("the command starts");
        let printed = [output.stderr, output.stdout].concat();
        assert_eq!(String::from_utf8_lossy(&printed).trim_end(), expected, "{arguments}");
    }
}
