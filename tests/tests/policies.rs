//! Every policy that the project ships compiles, without warnings, for each architecture that it is meant for.

use std::fs;
use std::path::{Path, PathBuf};

use seccomp_compiler::{
    Architecture, Code, Compiled, Compiler, Diagnostics, LoadError, Severity, SourceFile,
};
use seccomp_tests::is_kept;

#[test]
fn beats_defaults_compile_for_their_architectures() {
    assert_eq!(meant_for("policies/beats-default-x86_64.yaml"), ["x86_64"]);
    assert_eq!(meant_for("policies/beats-default-i386.yaml"), ["i386"]);
}

#[test]
fn the_three_forms_of_the_documented_example_are_one_filter() {
    let forms = ["beats-example", "beats-example-dotted", "beats-example-plain"];
    let [nested, dotted, plain] = forms.map(|form| compiled(&format!("policies/{form}.yaml")));
    assert_eq!(nested.len(), 11, "the architectures with fork and vfork");
    for ((nested, dotted), plain) in nested.iter().zip(&dotted).zip(&plain) {
        assert_eq!(nested.program(), dotted.program());
        assert_eq!(nested.program(), plain.program());
    }
}

/// glibc's fork() is clone or clone3, which the documented example leaves open.
#[test]
fn the_documented_example_is_told_of_its_hole() {
    for compiled in compiled("policies/beats-example.yaml") {
        let warnings = compiled.warnings();
        let warnings: Vec<_> = warnings.iter().filter(|of| of.code == Code::HoleInBlocklist).collect();
        let [warning] = warnings[..] else { panic!("{warnings:#?}") };
        assert_eq!(
            warning.message,
            "`fork` and `vfork` are refused, but `clone` and `clone3` can do the same"
        );
    }
}

#[test]
fn the_quickstart_compiles_for_the_common_architectures() {
    let meant = meant_for("examples/quickstart/policies/quickstart.yaml");
    for common in ["x86_64", "i386", "aarch64", "arm", "riscv64", "s390x"] {
        assert!(meant.contains(&common), "{common}");
    }
}

/// Theirs is the promise to be portable; Beats' own files say what they are meant for.
const READY: [&str; 6] =
    ["minimal", "cli-tool", "network-server", "no-exec", "no-network", "container-default"];

#[test]
fn ready_policies_are_for_every_architecture_and_say_what_they_promise() {
    for name in READY {
        let path = format!("policies/{name}.yaml");
        assert_eq!(meant_for(&path).len(), Architecture::all().count(), "{name}");
        let text = fs::read_to_string(project().join(&path)).expect("the policy can be read");
        assert!(text.starts_with("# ") && text.contains("It cannot "), "{name}");
        assert!(text.contains("\nexpect:\n"), "{name} proves nothing of its promise");
    }
}

/// What the policy compiles to on these architectures without a warning, or the codes of what is wrong.
fn including(
    text: &str,
    on: impl Iterator<Item = &'static Architecture>,
) -> Result<Vec<Compiled>, Vec<Code>> {
    let file = SourceFile::new("policies/own.yaml", text);
    let load = |name: &str| fs::read(project().join(name)).map_err(|_| LoadError::NotFound);
    let codes = |problems: &Diagnostics| problems.iter().map(|problem| problem.code).collect::<Vec<_>>();
    let compiled = on.map(|on| {
        let compiled = Compiler::for_architecture(on).loader(&load).compile(&file);
        let compiled = compiled.map_err(|problems| codes(&problems))?;
        let warnings = codes(&compiled.warnings());
        if warnings.is_empty() { Ok(compiled) } else { Err(warnings) }
    });
    compiled.collect()
}

#[test]
fn ready_policies_are_the_same_when_they_are_included() {
    for name in READY {
        let included = including(&format!("include: [{name}.yaml]\n"), Architecture::all())
            .expect("it can be included as a whole");
        for (included, whole) in included.iter().zip(compiled(&format!("policies/{name}.yaml"))) {
            assert_eq!(included.program(), whole.program(), "{name} on {}", whole.architecture);
            assert_eq!((included.flags, included.compat), (whole.flags, whole.compat), "{name}");
        }
    }
}

/// A rule for each ready policy that breaks what it promises.
const LOOSENED: [(&str, &str); 6] = [
    (
        "minimal",
        "names_with_args: [{name: openat, arguments: [{argument: flags, operation: Equal, value: O_RDONLY | O_CLOEXEC}]}]",
    ),
    ("cli-tool", "names: [execve]"),
    ("network-server", "names: [mkdirat, unlinkat]"),
    ("no-exec", "names: [execve]"),
    (
        "no-network",
        "names_with_args: [{name: socket, arguments: [{argument: domain, operation: Equal, value: AF_INET}]}]",
    ),
    ("container-default", "names: [perf_event_open, clone3]"),
];

#[test]
fn ready_policies_are_loosened_in_so_many_words_and_no_further() {
    assert_eq!(LOOSENED.map(|(name, _)| name), READY);
    let including = |text: &str| {
        including(text, ["x86_64", "i386", "aarch64", "s390x"].into_iter().filter_map(Architecture::find))
    };
    for (name, calls) in LOOSENED {
        let rule = format!("include: [{name}.yaml]\nsyscalls: [{{action: allow, {calls}}}]\n");
        let codes = including(&rule).expect_err("a promise is broken");
        assert!(codes.iter().all(|code| *code == Code::BrokenExpectation), "{name}: {codes:?}");
        let expected = format!("{rule}expect: [{{action: allowed, overrides: true, {calls}}}]\n");
        let errors =
            |codes: Vec<Code>| codes.into_iter().filter(|code| code.severity() == Severity::Error).collect();
        let left: Vec<Code> = including(&expected).err().map(errors).unwrap_or_default();
        assert_eq!(left, [], "{name}");
        let stale =
            format!("include: [{name}.yaml]\nexpect: [{{action: refused, overrides: true, {calls}}}]\n");
        let codes = including(&stale).expect_err("nothing is loosened");
        assert!(codes.contains(&Code::OverridesNothing), "{name}: {codes:?}");
    }
}

#[test]
fn the_table_of_policies_has_their_sizes() {
    let path = project().join("policies/README.md");
    let text = fs::read_to_string(&path).expect("the folder has a README");
    let fresh: String = text.lines().map(|line| with_sizes(line) + "\n").collect();
    is_kept(&path, &fresh, "policies");
    let listed = READY.iter().all(|name| text.contains(&format!("| [{name}]({name}.yaml) |")));
    assert!(listed, "every ready policy has a row");
}

/// A row of the table with its last two columns as they are now; another line as it is.
fn with_sizes(line: &str) -> String {
    let Some(name) = READY.into_iter().find(|name| line.starts_with(&format!("| [{name}]"))) else {
        return line.to_owned();
    };
    let compiled = compiled(&format!("policies/{name}.yaml"));
    let size = |on: &str| {
        let of = compiled.iter().find(|compiled| compiled.architecture.name() == on);
        of.expect("it is for every architecture").program().instructions.len()
    };
    let columns: Vec<&str> = line.split(" | ").take(3).collect();
    format!("{} | {} | {} |", columns.join(" | "), size("x86_64"), size("aarch64"))
}

#[test]
fn every_file_in_policies_is_meant_for_some_architecture() {
    let folder = project().join("policies");
    let files =
        fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be listed").path());
    let policies: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).collect();
    assert_eq!(policies.len(), READY.len() + 5);
    for policy in policies {
        let name = policy.file_name().expect("a file has a name").to_string_lossy().into_owned();
        assert!(!meant_for(&format!("policies/{name}")).is_empty(), "{name}");
    }
}

fn meant_for(policy: &str) -> Vec<&'static str> {
    compiled(policy).iter().map(|compiled| compiled.architecture.name()).collect()
}

/// The policy on every architecture but those that it says it is not meant for.
fn compiled(policy: &str) -> Vec<Compiled> {
    let file = SourceFile::new(policy, fs::read(project().join(policy)).expect("the policy can be read"));
    let on = |architecture| match Compiler::for_architecture(architecture).compile(&file) {
        Ok(compiled) => {
            // What Beats ships is theirs; what is wrong with it is a test of its own.
            let beats = policy.starts_with("policies/beats-");
            assert!(beats || compiled.warnings().is_empty(), "{architecture}: {}", compiled.warnings());
            Some(compiled)
        }
        Err(problems) => {
            let elsewhere = problems.iter().all(|problem| problem.code == Code::OtherArchitecture);
            assert!(elsewhere, "{architecture}: {problems}");
            None
        }
    };
    Architecture::all().filter_map(on).collect()
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the project")
}
