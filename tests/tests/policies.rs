//! Every policy that the project ships compiles, without warnings, for each architecture that it is meant for.

use std::fs;
use std::path::{Path, PathBuf};

use seccomp_compiler::{Architecture, Code, Compiled, SourceFile, compile};

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
        assert_eq!(nested.program.program(), dotted.program.program());
        assert_eq!(nested.program.program(), plain.program.program());
    }
}

/// glibc's fork() is clone or clone3, which the documented example leaves open.
#[test]
fn the_documented_example_is_told_of_its_hole() {
    for compiled in compiled("policies/beats-example.yaml") {
        let warnings: Vec<_> =
            compiled.warnings.iter().filter(|of| of.code == Code::HoleInBlocklist).collect();
        assert_eq!(warnings.len(), 2);
        for (warning, refused) in warnings.iter().zip(["fork", "vfork"]) {
            let twins = format!("`{refused}` is refused, but `clone` and `clone3` can do the same");
            assert_eq!(warning.message, twins);
        }
    }
}

#[test]
fn the_quickstart_compiles_for_the_common_architectures() {
    let meant = meant_for("examples/quickstart/policies/quickstart.yaml");
    for common in ["x86_64", "i386", "aarch64", "arm", "riscv64", "s390x"] {
        assert!(meant.contains(&common), "{common}");
    }
}

#[test]
fn every_file_in_policies_is_meant_for_some_architecture() {
    let folder = project().join("policies");
    let files =
        fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be listed").path());
    let policies: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).collect();
    assert!(policies.len() >= 5);
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
    let on = |architecture| match compile(&file, architecture) {
        Ok(compiled) => {
            // What Beats ships is theirs; what is wrong with it is a test of its own.
            let beats = policy.starts_with("policies/beats-");
            assert!(beats || compiled.warnings.is_empty(), "{architecture}: {}", compiled.warnings);
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
