//! `check` without a policy: which ones it finds, and standard input.

use crate::harness::{Folder, MISTAKEN, Run, SOUND};

fn manifest(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n")
}

/// The policies that were proved, and the note about where they come from.
fn checked(run: &Run) -> (Vec<&str>, &str) {
    let headlines = run.stdout.lines().filter_map(|line| Some(line.split_once(": proved")?.0));
    (headlines.collect(), run.stderr.lines().next().unwrap_or_default())
}

#[test]
fn standard_input_is_a_policy_with_a_name_and_includes() {
    let folder = Folder::with(&[("base.yaml", "syscalls: [{action: errno, names: [opne]}]\n")]);
    let run = folder.run_with("check - --arch x86_64", SOUND.as_bytes());
    assert_eq!((run.code, checked(&run).0), (Some(0), vec!["<stdin>"]), "{}", run.stderr);
    let run = folder.run_with("check -", "default_action: allow\ninclude: [base.yaml]\n".as_bytes());
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains(" --> base.yaml:1:36\n"), "{}", run.stderr);
    assert!(run.stderr.ends_with("error: `<stdin>` has 1 error\n"), "{}", run.stderr);
    let run = folder.run_with("export - --format asm --arch x86_64", SOUND.as_bytes());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn without_a_policy_those_that_the_sources_name_are_checked() {
    let manifest = manifest("server");
    let folder = Folder::with(&[
        ("Cargo.toml", &manifest),
        ("src/main.rs", "mod worker;\n#[seccomp_runtime::policy(\"a/server.yaml\")]\nfn main() {}\n"),
        ("src/worker/mod.rs", "static W: Filter = include_policy!(\"a/worker.yaml\");\n"),
        ("examples/one.rs", "#[policy(\"a/example.yaml\")]\nfn main() {}\n"),
        // Nothing compiles these.
        ("tests/ui/wrong.rs", "#[policy(\"a/wrong.yaml\")]\nfn main() {}\n"),
        ("src/nested/Cargo.toml", &manifest),
        ("src/nested/lib.rs", "static W: Filter = include_policy!(\"a/wrong.yaml\");\n"),
        ("a/server.yaml", SOUND),
        ("a/worker.yaml", SOUND),
        ("a/example.yaml", SOUND),
        ("a/wrong.yaml", MISTAKEN),
        ("policies/unnamed.yaml", MISTAKEN),
    ]);
    let run = folder.run("check");
    let expected = ["a/example.yaml", "a/server.yaml", "a/worker.yaml"].to_vec();
    let note = "note: checking the 3 policies that the sources of `server` name";
    assert_eq!((run.code, checked(&run)), (Some(0), (expected, note)), "{}", run.stderr);
    let quiet = folder.run("check --quiet");
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn in_a_workspace_the_package_of_the_current_directory_counts_or_else_all() {
    let main = "#[policy(\"policy.yaml\")]\nfn main() {}\n";
    let folder = Folder::with(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n"),
        ("crates/one/Cargo.toml", &manifest("one")),
        ("crates/one/src/main.rs", main),
        ("crates/one/policy.yaml", SOUND),
        ("crates/two/Cargo.toml", &manifest("two")),
        ("crates/two/src/main.rs", main),
        ("crates/two/policy.yaml", SOUND),
    ]);
    let run = folder.run("check");
    let expected = ["crates/one/policy.yaml", "crates/two/policy.yaml"].to_vec();
    let note = "note: checking the 2 policies that the sources of 2 packages name";
    assert_eq!((run.code, checked(&run)), (Some(0), (expected, note)), "{}", run.stderr);
    let output = folder.command("check").current_dir(folder.path("crates/two")).output();
    let output = output.expect("the command starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr, "note: checking the policy that the sources of `two` name\n");
    assert!(output.stdout.starts_with(b"policy.yaml: proved"));
}

#[test]
fn where_the_sources_name_none_the_folder_of_policies_counts() {
    let manifest = manifest("server");
    let mut files = vec![
        ("policies/server.yaml", SOUND),
        ("policies/server.profile.yaml", "read: 10\n"),
        ("policies/README.md", "Policies.\n"),
    ];
    let run = Folder::with(&files).run("check");
    let note = "note: checking the policy in `policies`, since this is no package";
    assert_eq!((run.code, checked(&run)), (Some(0), (vec!["policies/server.yaml"], note)), "{}", run.stderr);
    files.extend([("Cargo.toml", manifest.as_str()), ("src/main.rs", "fn main() {}\n")]);
    let run = Folder::with(&files).run("check");
    let note = "note: checking the policy in `policies`, since the sources of `server` name none";
    assert_eq!((run.code, checked(&run)), (Some(0), (vec!["policies/server.yaml"], note)), "{}", run.stderr);
}

#[test]
fn where_there_is_no_policy_the_command_says_what_to_do() {
    let run = Folder::with(&[]).run("check");
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.starts_with("error: no policy is named, and none was found: "), "{}", run.stderr);
    assert!(run.stderr.contains("name a file"), "{}", run.stderr);
    let run = Folder::with(&[("Cargo.toml", "[package]\n"), ("policies/server.yaml", SOUND)]).run("check");
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.starts_with("error: no policy is named, and cargo cannot tell "), "{}", run.stderr);
}
