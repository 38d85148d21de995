//! What the documents say is so: their policies compile, and their lists are complete.

use std::fs;

use seccomp_compiler::{Architecture, Code, Severity, set_purpose, sets};
use seccomp_tests::documents::{Block, blocks, documents};
use seccomp_tests::scratch::workspace;

#[test]
fn every_policy_in_the_documents_compiles_without_warnings() {
    let mut policies = 0;
    let mut warnings = String::new();
    for document in
        documents().iter().filter(|document| !document.ends_with("seccomp-tools/docs/diagnostics.md"))
    {
        for block in blocks(document) {
            let compiled = block.compiled();
            assert!(!compiled.is_empty(), "{} is meant for no architecture", block.name);
            for compiled in compiled {
                warnings.push_str(&compiled.warnings().to_string());
            }
            policies += 1;
        }
    }
    assert_eq!(warnings, "");
    assert!(policies > 20);
}

#[test]
fn the_tutorial_ends_with_the_policy_of_its_example() {
    let file = fs::read_to_string(workspace().join("examples/file-server/policies/file-server.yaml"));
    let file = file.expect("the example is there");
    let tutorial = blocks(&workspace().join("docs/tutorial.md"));
    assert!(tutorial.iter().any(|block| block.text == file), "{file}");
}

fn reference() -> String {
    fs::read_to_string(workspace().join("docs/policy.md")).expect("the reference is there")
}

#[test]
fn the_reference_says_what_each_set_is_for() {
    let text = reference();
    let mut listed: Vec<&str> = text.lines().filter(|line| line.starts_with("| `@")).collect();
    listed.sort_unstable();
    let row = |set| format!("| `{set}` | {} |", set_purpose(set).expect("the data says it"));
    let known: Vec<String> = sets().map(|(set, _)| row(set)).collect();
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
        "default_action: allow\nzzzzzzzzzz: 1\n",
        "default_action: allow\nsyscalls: [{zzzzzzzzzz: 1}]\n",
        "default_action: allow\nsyscalls: [{action: log, names_with_args: [{name: kill, arguments: [{zzzzzzzzzz: 1}]}]}]\n",
    ];
    for policy in wrong {
        let file = seccomp_compiler::SourceFile::new("keys.yaml", policy);
        let host = Architecture::find("x86_64").expect("it is in the table");
        let problems = seccomp_compiler::Compiler::for_architecture(host)
            .compile(&file)
            .expect_err("the key is unknown");
        let help = problems.iter().find_map(|problem| problem.help.clone()).expect("it lists the keys");
        let keys: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
        assert!(keys.len() >= 5, "{help}");
        for key in keys {
            assert!(text.contains(&format!("`{key}`")), "{key}");
        }
    }
}

/// Codes without an example, with the reason.
const WITHOUT_EXAMPLE: &[(Code, &str)] = &[
    (Code::Unreadable, "it is about a file that is not there"),
    (Code::NotUtf8, "the document is UTF-8"),
    (Code::HiddenCharacter, "the document would not show it"),
    (Code::TooLarge, "it takes 256 kB"),
    (Code::TooManyRules, "it takes a hundred sets"),
    (Code::TooLong, "it takes thousands of conditions"),
    (Code::TooComplex, "it takes hundreds of conditions"),
    (Code::Unproved, "it is a defect of the compiler itself"),
    (Code::NothingTraps, "it takes a reporter"),
    (Code::NoReporter, "it takes a reporter"),
    (Code::ReporterRefused, "it takes a reporter"),
];

fn sections() -> Vec<String> {
    let page = workspace().join("seccomp-tools/docs/diagnostics.md");
    let text = fs::read_to_string(page).expect("the page is there");
    text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_owned).collect()
}

#[test]
fn every_code_has_a_section_and_no_other_does() {
    let codes: Vec<&str> = Code::all().map(|code| code.name()).collect();
    assert_eq!(sections(), codes, "in the order of the compiler's list");
}

#[test]
fn every_example_of_a_code_gives_that_code_and_no_other() {
    let examples = blocks(&workspace().join("seccomp-tools/docs/diagnostics.md"));
    let mut failures = String::new();
    for code in Code::all() {
        let of_code: Vec<&Block> = examples.iter().filter(|block| block.heading == code.name()).collect();
        let excused = WITHOUT_EXAMPLE.iter().any(|(without, _)| *without == code);
        if of_code.is_empty() != excused {
            failures.push_str(&format!("{}: {} examples\n", code.name(), of_code.len()));
        }
        for block in of_code {
            let given = given(block);
            if given != [code.name()] {
                failures.push_str(&format!("{}: {given:?} instead of {}\n", block.name, code.name()));
            }
        }
    }
    assert_eq!(failures, "");
}

/// The codes of a block's problems, each once.
fn given(block: &Block) -> Vec<&'static str> {
    let first = block.text.lines().next().and_then(|line| line.strip_prefix("# architecture: "));
    let architecture = Architecture::find(first.unwrap_or("x86_64")).expect("an architecture");
    let problems = match block.compile(architecture) {
        Ok(compiled) => compiled.warnings(),
        Err(problems) => problems,
    };
    let mut codes: Vec<&str> = problems.iter().map(|problem| problem.code.name()).collect();
    codes.dedup();
    codes
}

#[test]
fn warnings_are_called_so() {
    let page = workspace().join("seccomp-tools/docs/diagnostics.md");
    let text = fs::read_to_string(page).expect("the page is there");
    for section in text.split("\n## ").skip(1) {
        let (name, words) = section.split_once("\n\n").expect("a heading and its words");
        let warns = Code::all().any(|code| code.name() == name && code.severity() == Severity::Warning);
        assert_eq!(words.starts_with("A warning."), warns, "{name}");
    }
}

#[test]
fn the_page_for_refusals_has_every_message_of_the_runtime() {
    use seccomp_runtime::{Errno, Flag, InstallError, Refusal, ThreadId};
    let text =
        fs::read_to_string(workspace().join("seccomp-runtime/docs/refused.md")).expect("the page is there");
    let mut rows = text.lines().skip_while(|line| *line != "| message | most often |").skip(2);
    let one = Errno(1);
    for error in [
        InstallError::Unsupported,
        InstallError::NoSeccomp,
        InstallError::RefusedByFilter(one),
        InstallError::FalseSuccess,
        InstallError::NoNewPrivs(one),
        InstallError::PermissionDenied,
        InstallError::OutOfMemory,
        InstallError::Refused(Refusal::Flag(Flag::Log)),
        InstallError::Refused(Refusal::Program),
        InstallError::ThreadSync(ThreadId(1)),
        InstallError::NoReporter(one),
        InstallError::Other(one),
    ] {
        let error = error.to_string();
        let message = error.strip_suffix("; see seccomp_runtime::refused").expect("it names the page");
        let row = rows.next().expect("there is a row");
        let beginning = row.strip_prefix("| `").and_then(|row| row.split('`').next()).expect("a message");
        let rest = message.strip_prefix(beginning).unwrap_or_else(|| panic!("{beginning} is not {message}"));
        let is_detail = ["", " 1", " `log`", " with error EPERM"].contains(&rest);
        assert!(is_detail, "{message} is not all in {row}");
    }
    assert_eq!(rows.next(), None);
}

/// The arguments as the macro lists them for a wrong one.
#[test]
fn every_argument_of_the_attribute_has_a_section_with_an_example() {
    let error =
        fs::read_to_string(workspace().join("tests/ui/macro-unknown-argument.stderr")).expect("a case");
    let (_, list) = error.split_once("a policy takes ").expect("it lists them");
    let list = list.lines().next().expect("a line");
    let mut listed: Vec<&str> =
        list.split('`').skip(1).step_by(2).filter(|word| *word != "#[policy]").collect();
    assert!(listed.len() >= 8, "{list}");
    listed.push("yaml");
    let docs =
        fs::read_to_string(workspace().join("seccomp-runtime/src/lib.rs")).expect("the crate has a root");
    // An example that needs a feature has two openings.
    let lines = docs.lines().filter(|line| !line.starts_with("#[cfg_attr(not(feature"));
    let docs = lines.collect::<Vec<_>>().join("\n");
    let sections: Vec<&str> = docs.split("/// ### `").skip(1).collect();
    let named = |name: &str| sections.iter().find(|section| section.split('`').next() == Some(name));
    for name in &listed {
        let section = named(name).unwrap_or_else(|| panic!("{name} has no section"));
        let examples = section.split("```").skip(1).step_by(2).filter(|block| block.contains("policy("));
        let shows =
            examples.into_iter().any(|block| !block.starts_with("ignore\n///") && block.contains(name));
        assert!(shows, "{name} has no example");
    }
    assert_eq!(sections.len(), listed.len(), "{listed:?}");
}
