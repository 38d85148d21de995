//! What the document about the command shows is what it prints.

use std::fs;
use std::path::Path;

use crate::harness::Folder;
#[cfg(target_os = "linux")]
use crate::harness::Run;

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

/// The blocks of a document that show how a shell is used, each a list of commands.
#[cfg(target_os = "linux")]
fn sessions(document: &str) -> Vec<Vec<String>> {
    let mut sessions = Vec::new();
    let mut lines = document.lines().map(str::trim_start);
    while lines.any(|line| line == "```console") {
        let block = lines.by_ref().take_while(|line| *line != "```");
        let commands = block.filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned);
        sessions.push(commands.collect());
    }
    sessions
}

/// Runs a line of a document with the command that was built.
#[cfg(target_os = "linux")]
fn in_a_shell(line: &str, folder: &Folder) -> Run {
    let script = line.replace("cargo seccomp ", "\"$COMMAND\" ");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &script]).env("COMMAND", env!("CARGO_BIN_EXE_cargo-seccomp"));
    command.current_dir(folder.path(".")).output().expect("there is a shell").into()
}

/// A line without what differs between machines: numbers, and calls with their arguments.
#[cfg(target_os = "linux")]
fn masked(line: &str) -> String {
    let without_calls = line.split('`').enumerate().map(|(at, part)| if at % 2 == 1 { "`" } else { part });
    let words = without_calls.collect::<String>();
    words.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_readme_shows_of_recording_is_what_happens() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the project");
    let document = fs::read_to_string(project.join("README.md")).expect("the document is there");
    let (_, session) = document.split_once("```console\n").expect("it shows a session");
    let (session, _) = session.split_once("```\n").expect("a block ends");
    let folder = Folder::with(&[]);
    let mut printed = String::new();
    let mut shown = 0;
    for line in session.lines() {
        if let Some(line) = line.strip_prefix("$ ") {
            printed = in_a_shell(line, &folder).stderr;
        } else {
            shown += 1;
            // The program's own words depend on the language.
            let is_ours = ["note: ", "warning: "].iter().any(|start| line.starts_with(start));
            let is_printed = printed.lines().any(|printed| masked(printed) == masked(line));
            assert!(is_printed || !is_ours, "{line}\n{printed}");
        }
    }
    assert!(shown > 3);
}

/// Each block begins in an empty folder.
#[cfg(target_os = "linux")]
#[test]
fn what_the_document_about_recording_does_can_be_done() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the project");
    let document = fs::read_to_string(project.join("docs/recording.md")).expect("the document is there");
    let sessions = sessions(&document);
    assert!(sessions.iter().filter(|session| !session.is_empty()).count() > 3);
    for session in sessions {
        let folder = Folder::with(&[]);
        for line in session {
            let run = in_a_shell(&line, &folder);
            let is_failed = run.stderr.lines().any(|line| line.starts_with("error"));
            assert!(run.code.is_some() && !is_failed, "{line}\n{}", run.stderr);
            let is_trial = line.contains(" run ") && !line.contains("--log");
            assert!(!is_trial || run.stderr.contains("no call was refused"), "{line}\n{}", run.stderr);
        }
    }
}
