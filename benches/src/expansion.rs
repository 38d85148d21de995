//! What policies cost rustc: a program that has some, against the same program under an attribute that does nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::cargo;
use crate::cost::{all_thousands, counts, processor_time, thousands};
use crate::policies::{Policy, project};

/// What rustc takes more for a policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expansion {
    /// Thousands of instructions, where it is the only one.
    pub(crate) instructions: u64,
    /// Those of them that are not the compiler's own.
    pub(crate) output: u64,
    /// Processor time of each of several in microseconds: of the differences between turns, the quartiles.
    pub(crate) microseconds: [i64; 3],
}

const TURNS: usize = 40;
/// So many policies are in a program that is timed: what one takes is less than what rustc's time varies by.
const POLICIES: usize = 20;

/// What the programs have besides: rustc takes longer for what it meets for the first time.
const PROGRAM: &str = include_str!("../data/program.rs");

const EMPTY_MACRO: &str = "
extern crate proc_macro;
#[proc_macro_attribute]
pub fn policy(_: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    item
}
";

/// rustc as cargo would call it for a program with a policy, without cargo.
pub(crate) struct Rustc {
    compiler: PathBuf,
    folder: PathBuf,
    /// Where the runtime and the macros are.
    built: PathBuf,
}

impl Rustc {
    /// The runtime and the macros as cargo builds them with these settings, and a macro that does nothing.
    pub(crate) fn prepare(name: &str, settings: &[&str]) -> Option<Self> {
        let folder = crate::contenders::target().join(name);
        let built = cargo(&["build", "--quiet", "--package", "seccomp-runtime", "--target-dir"])
            .arg(&folder)
            .args(settings)
            .status()
            .ok()?;
        let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
        let sysroot = String::from_utf8(sysroot.stdout).ok()?;
        // Not the name in the path, which may be a program that looks for the compiler first.
        let compiler = Path::new(sysroot.trim()).join("bin/rustc");
        let source = folder.join("empty.rs");
        fs::write(&source, EMPTY_MACRO).ok()?;
        let empty = Command::new(&compiler)
            .args(["--edition=2024", "--crate-type=proc-macro", "--out-dir"])
            .args([&folder, &source])
            .status()
            .ok()?;
        let ready = built.success() && empty.success();
        ready.then(|| Self { compiler, built: folder.join("debug"), folder })
    }

    /// Each policy against none, in turns.
    pub(crate) fn expansions(&self, policies: &[Policy]) -> Option<Vec<Expansion>> {
        let paths = || policies.iter().map(|policy| policy.path);
        let many: Option<Vec<PathBuf>> =
            paths().map(|path| self.program("seccomp_runtime", path, POLICIES)).collect();
        let (without, many) = (self.program("empty", "none", POLICIES)?, many?);
        let mut differences = vec![Vec::with_capacity(TURNS); many.len()];
        for _ in 0..TURNS {
            let least = self.microseconds(&without)?;
            for (program, differences) in many.iter().zip(&mut differences) {
                differences.push((self.microseconds(program)? - least) / POLICIES as i64);
            }
        }
        let least = all_thousands(&self.counts(&self.program("empty", "none", 1)?)?)?;
        let expansion = |(path, mut differences): (&str, Vec<i64>)| {
            differences.sort_unstable();
            let microseconds = [1, 2, 3].map(|quarter| differences[quarter * TURNS / 4]);
            let counts = self.counts(&self.program("seccomp_runtime", path, 1)?)?;
            let instructions = all_thousands(&counts)?.checked_sub(least)?;
            let output = instructions.checked_sub(thousands(&counts, "seccomp_compiler::compile_with")?)?;
            Some(Expansion { instructions, output, microseconds })
        };
        paths().zip(differences).map(expansion).collect()
    }

    /// A program with so many functions under the attribute `policy` of this crate.
    fn program(&self, of: &str, path: &str, count: usize) -> Option<PathBuf> {
        let name: String = path.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let source = self.folder.join(format!("{name}_{count}.rs"));
        let mut text =
            format!("{PROGRAM}\nuse seccomp_runtime as _;\nfn main() {{\n    let _ = listen();\n}}\n");
        for at in 0..count {
            text += &format!("mod policy_{at} {{\n    #[{of}::policy({path:?})]\n    fn main() {{}}\n}}\n");
        }
        fs::write(&source, text).ok()?;
        Some(source)
    }

    fn arguments(&self, source: &Path) -> Vec<String> {
        let (folder, built) = (self.folder.display(), self.built.display());
        vec![
            "--edition=2024".to_owned(),
            "--crate-name=program".to_owned(),
            "--emit=metadata".to_owned(),
            format!("--out-dir={folder}"),
            format!("-Ldependency={built}/deps"),
            format!("--extern=seccomp_runtime={built}/libseccomp_runtime.rlib"),
            format!("--extern=empty={folder}/libempty.so"),
            source.display().to_string(),
        ]
    }

    /// What rustc executes for a program, as callgrind prints it.
    fn counts(&self, source: &Path) -> Option<String> {
        let mut rustc = Command::new(&self.compiler);
        rustc.args(self.arguments(source)).env("CARGO_MANIFEST_DIR", project());
        counts(&self.folder, &rustc)
    }

    /// The processor time that rustc takes for a program.
    fn microseconds(&self, source: &Path) -> Option<i64> {
        let before = processor_time()?;
        let status = Command::new(&self.compiler)
            .args(self.arguments(source))
            .env("CARGO_MANIFEST_DIR", project())
            .stderr(Stdio::null())
            .status()
            .ok()?;
        status.success().then_some(processor_time()? - before)
    }
}
