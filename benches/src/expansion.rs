//! What policies cost rustc: a program that has one, against the same program under an attribute that does nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cost::processor_time;
use crate::policies::{Policy, project};

/// What rustc takes more for a policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expansion {
    /// Thousands of instructions.
    pub(crate) instructions: u64,
    /// Processor time in microseconds: of the differences between turns, the quartiles.
    pub(crate) microseconds: [i64; 3],
}

const TURNS: usize = 100;

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
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "seccomp-runtime", "--target-dir"])
            .arg(&folder)
            .args(settings)
            .current_dir(project())
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
        let without = self.program("empty", "none")?;
        let with: Option<Vec<PathBuf>> =
            policies.iter().map(|policy| self.program("seccomp_runtime", policy.path)).collect();
        let with = with?;
        let mut differences = vec![Vec::with_capacity(TURNS); with.len()];
        for _ in 0..TURNS {
            let least = self.microseconds(&without)?;
            for (program, differences) in with.iter().zip(&mut differences) {
                differences.push(self.microseconds(program)?.checked_sub_unsigned(least.cast_unsigned())?);
            }
        }
        let least = self.instructions(&without)?;
        let expansion = |(program, mut differences): (&PathBuf, Vec<i64>)| {
            differences.sort_unstable();
            let microseconds = [1, 2, 3].map(|quarter| differences[quarter * TURNS / 4]);
            Some(Expansion {
                instructions: self.instructions(program)?.checked_sub(least)? / 1000,
                microseconds,
            })
        };
        with.iter().zip(differences).map(expansion).collect()
    }

    /// A program under an attribute `policy` of this crate.
    fn program(&self, of: &str, path: &str) -> Option<PathBuf> {
        let name: String = path.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let source = self.folder.join(format!("{name}.rs"));
        let main = format!(
            "use seccomp_runtime as _;\n#[{of}::policy({path:?})]\nfn main() -> Result<(), Error> {{\n    listen()\n}}\n"
        );
        fs::write(&source, format!("{PROGRAM}\n{main}")).ok()?;
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

    /// The instructions that rustc executes for a program.
    fn instructions(&self, source: &Path) -> Option<u64> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(&self.compiler)
            .args(self.arguments(source))
            .env("CARGO_MANIFEST_DIR", project())
            .output()
            .ok()?;
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        let (_, count) = printed.rsplit_once("refs:").filter(|_| output.status.success())?;
        count.lines().next()?.trim().replace(',', "").parse().ok()
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
