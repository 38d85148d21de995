//! What the documents say is so: their policies compile, and their lists are complete.

use std::fs;

use seccomp_compiler::{Architecture, sets};
use seccomp_tests::documents::{blocks, documents};
use seccomp_tests::scratch::workspace;

#[test]
fn every_policy_in_the_documents_compiles_without_warnings() {
    let mut policies = 0;
    let mut warnings = String::new();
    for document in documents().iter().filter(|document| !document.ends_with("docs/diagnostics.md")) {
        for block in blocks(document) {
            let compiled = block.compiled();
            assert!(!compiled.is_empty(), "{} is meant for no architecture", block.name);
            for compiled in compiled {
                warnings.push_str(&compiled.warnings.to_string());
            }
            policies += 1;
        }
    }
    assert_eq!(warnings, "");
    assert!(policies > 20);
}

fn reference() -> String {
    fs::read_to_string(workspace().join("docs/policy.md")).expect("the reference is there")
}

#[test]
fn the_reference_has_a_line_for_each_set_and_for_no_other() {
    let text = reference();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `@"));
    let mut listed: Vec<String> = rows
        .map(|row| {
            let (name, words) = row.split_once("` | ").expect("a name and what it is for");
            assert!(words.trim_end_matches([' ', '|']).len() > 5, "{name} has no words");
            format!("@{name}")
        })
        .collect();
    listed.sort();
    let known: Vec<&str> = sets().map(|(set, _)| set).collect();
    assert_eq!(listed, known);
}

#[test]
fn the_reference_names_every_architecture() {
    let text = reference();
    for architecture in Architecture::all() {
        assert!(text.contains(&format!("`{architecture}`")), "{architecture}");
    }
}

/// The keys as the compiler lists them for a wrong one.
#[test]
fn the_reference_explains_every_key() {
    let text = reference();
    let wrong = [
        "zzzzzzzzzz: 1\n",
        "default_action: allow\nsyscalls: [{zzzzzzzzzz: 1}]\n",
        "default_action: allow\nsyscalls: [{action: log, names_with_args: [{name: kill, arguments: [{zzzzzzzzzz: 1}]}]}]\n",
    ];
    for policy in wrong {
        let file = seccomp_compiler::SourceFile::new("keys.yaml", policy);
        let host = Architecture::find("x86_64").expect("it is in the table");
        let problems = seccomp_compiler::compile(&file, host).expect_err("the key is unknown");
        let help = problems.iter().find_map(|problem| problem.help.clone()).expect("it lists the keys");
        let keys: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
        assert!(keys.len() >= 5, "{help}");
        for key in keys {
            assert!(text.contains(&format!("`{key}`")), "{key}");
        }
    }
}
