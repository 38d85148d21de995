//! Exact programs, in words: `BLESS=1 cargo test -p seccomp-tests --test golden` writes them anew, and the diff is
//! for reading.

use std::fs;
use std::path::{Path, PathBuf};

use seccomp_compiler::{Architecture, Compiler, SourceFile};
use seccomp_tests::is_kept;

/// One of each kind: 64 bits in either byte order, 32 bits in either, and x32.
const ARCHITECTURES: [&str; 6] = ["x86_64", "x32", "aarch64", "s390x", "i386", "mips"];

#[test]
fn programs_are_as_they_were() {
    let policies = policies();
    assert!(policies.len() >= 3);
    for policy in policies {
        let name = policy.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let bytes = fs::read(&policy).expect("the policy can be read");
        let file = SourceFile::new(format!("{name}.yaml"), bytes);
        for architecture in ARCHITECTURES {
            let found = Architecture::find(architecture).expect("known");
            let compiled = Compiler::for_architecture(found)
                .compile(&file)
                .unwrap_or_else(|problems| panic!("{architecture}: {problems}"));
            assert!(compiled.warnings().is_empty(), "{}", compiled.warnings());
            let fresh = compiled.program().to_string();
            let kept = policy.with_file_name(format!("{name}.{architecture}.asm"));
            is_kept(&kept, &fresh, "golden");
        }
    }
}

fn policies() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let files = fs::read_dir(folder).expect("the folder is there");
    let files = files.map(|file| file.expect("it can be listed").path());
    files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).collect()
}
