//! What a policy costs rustc: a program that has one, against the same program under an attribute that does nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cost::processor_time;
use crate::policies::{Policy, project};

/// What rustc takes more for the policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expansion {
    /// Thousands of instructions.
    pub(crate) instructions: u64,
    /// Processor time in microseconds, the mean of many.
    pub(crate) microseconds: u64,
}

const TIMES: u64 = 100;

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
    /// The runtime and the macros as cargo builds them, and a macro that does nothing.
    pub(crate) fn prepare() -> Option<Self> {
        let folder = crate::contenders::target().join("macro");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "seccomp-runtime", "--target-dir"])
            .arg(&folder)
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

    /// A program with the policy under the attribute of this crate.
    fn program(&self, policy: Policy, of: &str) -> Option<PathBuf> {
        let source = self.folder.join(format!("{of}_main.rs"));
        let text = format!("use seccomp_runtime as _;\n#[{of}::policy({:?})]\nfn main() {{}}\n", policy.path);
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

    /// Thousands of instructions that rustc executes for a program.
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
        count.lines().next()?.trim().replace(',', "").parse::<u64>().ok().map(|count| count / 1000)
    }

    /// The processor time that rustc takes for a program, in microseconds; cannot tell less than a hundredth of a second.
    fn microseconds(&self, source: &Path) -> Option<u64> {
        let before = processor_time()?;
        let status = Command::new(&self.compiler)
            .args(self.arguments(source))
            .env("CARGO_MANIFEST_DIR", project())
            .stderr(Stdio::null())
            .status()
            .ok()?;
        status.success().then_some(processor_time()? - before)
    }

    /// A policy against none, in turns.
    pub(crate) fn expansion(&self, policy: Policy) -> Option<Expansion> {
        let with = self.program(policy, "seccomp_runtime")?;
        let without = self.program(policy, "empty")?;
        let instructions = self.instructions(&with)?.checked_sub(self.instructions(&without)?)?;
        let (mut spent_with, mut spent_without) = (0, 0);
        for _ in 0..TIMES {
            spent_with += self.microseconds(&with)?;
            spent_without += self.microseconds(&without)?;
        }
        let microseconds = spent_with.checked_sub(spent_without)? / TIMES;
        Some(Expansion { instructions, microseconds })
    }
}
