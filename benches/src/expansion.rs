//! What policies cost rustc: a program that has some, against the same program under an attribute that does nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::cargo;
use crate::cost::{COMPILE, all_thousands, counts, processor_time, thousands};
use crate::policies::{Policy, project};

/// What rustc takes more for a policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expansion {
    /// Thousands of instructions, where it is the only one.
    pub(crate) instructions: u64,
    /// Those of them that are not the compiler's own.
    pub(crate) output: u64,
    /// Processor time of each of several in microseconds: the difference of the least, where nothing disturbed either;
    /// and of the differences in each turn, the quartiles.
    pub(crate) least: i64,
    pub(crate) quartiles: [i64; 3],
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

/// By how much one policy takes longer, of turns without and with them: the difference of the least, and the quartiles of
/// the differences.
fn differences(turns: impl Iterator<Item = (i64, i64)> + Clone) -> Option<(i64, [i64; 3])> {
    let each = |difference: i64| difference / POLICIES as i64;
    let (without, with) = (turns.clone().map(|turn| turn.0).min()?, turns.clone().map(|turn| turn.1).min()?);
    let mut differences: Vec<i64> = turns.map(|(without, with)| each(with - without)).collect();
    differences.sort_unstable();
    Some((each(with - without), [1, 2, 3].map(|quarter| differences[quarter * TURNS / 4])))
}

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
        let turn = || {
            let without = self.microseconds(&without)?;
            let with: Option<Vec<i64>> = many.iter().map(|program| self.microseconds(program)).collect();
            Some((without, with?))
        };
        let turns: Vec<(i64, Vec<i64>)> = (0..TURNS).map(|_| turn()).collect::<Option<_>>()?;
        let none = all_thousands(&self.counts(&self.program("empty", "none", 1)?)?)?;
        let expansion = |(at, path): (usize, &str)| {
            let (least, quartiles) = differences(turns.iter().map(|(without, with)| (*without, with[at])))?;
            let counts = self.counts(&self.program("seccomp_runtime", path, 1)?)?;
            let instructions = all_thousands(&counts)?.checked_sub(none)?;
            let output = instructions.checked_sub(thousands(&counts, COMPILE)?)?;
            Some(Expansion { instructions, output, least, quartiles })
        };
        paths().enumerate().map(expansion).collect()
    }

    /// A program with so many functions under the attribute `policy` of this crate.
    fn program(&self, of: &str, path: &str, count: usize) -> Option<PathBuf> {
        let name: String = path.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let source = self.folder.join(format!("{name}_{count}.rs"));
        let mut text = format!("{PROGRAM}\nuse seccomp_runtime as _;\n");
        // All are called: of what is not, rustc would warn, and that takes it as long as much of the rest.
        let mut main = "fn main() {\n    let _ = listen();\n".to_owned();
        for at in 0..count {
            text +=
                &format!("mod policy_{at} {{\n    #[{of}::policy({path:?})]\n    pub fn main() {{}}\n}}\n");
            main += &format!("    policy_{at}::main();\n");
        }
        text += &format!("{main}}}\n");
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
