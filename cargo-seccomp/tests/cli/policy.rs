//! `policy`: the policies to start from.

use std::fs;

use crate::harness::{Folder, SOUND, program, run};
use seccomp_tools::ready::READY;

#[test]
fn the_policies_are_listed_with_the_length_of_their_filters() {
    let run = run(SOUND, "policy list --arch aarch64");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout.lines().count(), READY.len());
    for (line, ready) in run.stdout.lines().zip(READY) {
        let length = format!(" {} instructions  ", program(ready.text(), "aarch64").instructions.len());
        assert!(line.starts_with(&format!("{} ", ready.name)) && line.contains(&length), "{line}");
        assert!(line.ends_with(&ready.summary()), "{line}");
    }
}

#[test]
fn a_policy_is_shown_as_it_would_be_written() {
    let folder = Folder::with(&[]);
    for ready in READY {
        let shown = folder.run(&format!("policy show {}", ready.name));
        assert_eq!((shown.code, shown.stdout.as_str(), shown.stderr.as_str()), (Some(0), ready.text(), ""));
        let written = folder.run(&format!("policy new {}", ready.name));
        assert_eq!((written.code, written.stderr.as_str()), (Some(0), ""));
        let file =
            fs::read_to_string(folder.path(&format!("policies/{}.yaml", ready.name))).expect("it is there");
        assert_eq!(file, ready.text());
    }
    let check = folder.run("check --all-architectures --deny warnings --quiet");
    assert_eq!((check.code, check.stdout.as_str(), check.stderr.as_str()), (Some(0), "", ""));
}

/// What it says to add is what the macro and the manifest take: the path is relative to the package.
#[test]
fn it_says_what_to_add_to_the_package() {
    let folder = Folder::with(&[("Cargo.toml", "[package]\nname = \"server\"\n")]);
    fs::create_dir(folder.path("src")).expect("a folder");
    let mut command = folder.command("policy new no-exec --output ../policies/server.yaml");
    let output = command.current_dir(folder.path("src")).output().expect("the command starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let version = env!("CARGO_PKG_VERSION").rsplit_once('.').expect("a version has a patch level").0;
    let lines: Vec<&str> = stdout.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let dependency =
        format!("seccomp-runtime = \"{version}\"    # or its `path` or `git`, while it is on no registry");
    let attribute = "#[seccomp_runtime::policy(\"policies/server.yaml\", deny_warnings)]";
    assert_eq!(lines, [dependency.as_str(), attribute], "{stdout}");
    fs::write(folder.path("src/main.rs"), format!("{attribute}\nfn main() {{}}\n")).expect("a source");
    let check = folder.run("check");
    assert!(check.stdout.starts_with("policies/server.yaml: proved"), "{}", check.stderr);
}

#[test]
fn outside_of_a_package_an_absolute_path_is_left_to_the_author() {
    let (folder, other) = (Folder::with(&[]), Folder::with(&[]));
    let run = folder.run(&format!("policy new no-exec --output {}", other.path("new.yaml").display()));
    assert!(run.stdout.contains("#[seccomp_runtime::policy(\"new.yaml\", deny_warnings)]"), "{}", run.stdout);
}

#[test]
fn a_file_is_only_replaced_if_asked_for() {
    let folder = Folder::with(&[("policy.yaml", "as it was")]);
    let run = folder.run("policy new no-exec -o policy.yaml");
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    let reason = "error: `policy.yaml` exists already: name another file with `--output`, or replace it with `--force`\n";
    assert_eq!(run.stderr, reason);
    assert_eq!(fs::read(folder.path("policy.yaml")).expect("the file"), b"as it was");
    assert_eq!(folder.files(), ["policy.yaml"]);
    assert_eq!(folder.run("policy new no-exec -o policy.yaml --force").code, Some(0));
    assert!(fs::read(folder.path("policy.yaml")).expect("the file").starts_with(b"# No new programs"));
}

#[test]
fn an_unknown_policy_exits_with_2_and_names_the_nearest() {
    for (arguments, answer) in [
        ("policy show minimum", "there is no such policy"),
        ("policy new netwrok-server", "did you mean `network-server`?"),
        ("policy", "Usage: cargo seccomp policy"),
    ] {
        let run = run(SOUND, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments}");
        assert!(run.stderr.contains(answer), "{}", run.stderr);
    }
}
