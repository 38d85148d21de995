//! What building with a policy costs: instructions of a macro, which is not optimized, nodes of a proof, crates.

use std::path::Path;
use std::process::Command;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use seccomp_compiler::Architecture;

use crate::cargo::{cargo, crates};
use crate::policies::{Policy, project};

/// One compilation, as a macro does it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compilation {
    /// Instructions of the whole, of reading, of the YAML library in it, of planning, and of the proof; in thousands.
    pub(crate) whole: u64,
    pub(crate) parse: u64,
    pub(crate) yaml: u64,
    pub(crate) plan: u64,
    pub(crate) proof: u64,
    /// Processor time of the whole in microseconds: of several times the mean of many, the least.
    pub(crate) microseconds: i64,
    pub(crate) nodes: usize,
}

/// Has cargo build a program as it builds macros: not optimized, and without debug information, which makes such code
/// longer.
const AS_MACROS: [&str; 2] = ["--config", "profile.dev.debug=false"];

const TIMES: i64 = 100;
const ROUNDS: usize = 5;

/// Counts and times `compile` without optimization.
pub(crate) fn compilation(policy: Policy, architecture: &'static Architecture) -> Option<Compilation> {
    let target = crate::contenders::target().join("macro");
    let built = cargo(&["build", "--quiet", "--package", "benches", "--bin", "compile-once", "--target-dir"])
        .arg(&target)
        .args(AS_MACROS)
        .status()
        .ok()?;
    let binary = target.join("debug/compile-once");
    let path = project().join(policy.path);
    let counts = built
        .success()
        .then(|| counts(&target, Command::new(&binary).arg(&path).arg(architecture.name())))??;
    let of = |function: &str| thousands(&counts, function);
    let round = || {
        let before = processor_time()?;
        let run = Command::new(&binary).arg(&path).arg(architecture.name()).arg(TIMES.to_string()).status();
        run.ok()?.success().then_some((processor_time()? - before) / TIMES)
    };
    let rounds: Option<Vec<i64>> = (0..ROUNDS).map(|_| round()).collect();
    Some(Compilation {
        whole: of(COMPILE)?,
        parse: of("seccomp_compiler::policy::parse::parse")?,
        yaml: of("seccomp_compiler::document::yaml::read")?,
        plan: of("seccomp_compiler::engine::plan::plan")?,
        proof: of("seccomp_compiler::proof::verify")?,
        microseconds: rounds?.into_iter().min()?,
        nodes: policy.compiled(architecture)?.verified.proof().nodes,
    })
}

/// The inclusive counts of all functions, as callgrind prints them.
pub(crate) fn counts(folder: &Path, command: &Command) -> Option<String> {
    let counts = folder.join("callgrind.out");
    let counted = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(command.get_program())
        .args(command.get_args())
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stderr(std::process::Stdio::null())
        .status()
        .ok()?;
    let options = ["--inclusive=yes", "--threshold=100"];
    let annotated = Command::new("callgrind_annotate").args(options).arg(counts).output().ok()?;
    counted.success().then(|| String::from_utf8_lossy(&annotated.stdout).into_owned())
}

/// What the macro calls, as callgrind names it.
pub(crate) const COMPILE: &str = "seccomp_compiler::compiler::Compiler::compile";

/// The inclusive count of a function.
pub(crate) fn thousands(annotated: &str, function: &str) -> Option<u64> {
    let named = |line: &&str| {
        line.split_whitespace().any(|word| word.ends_with(&format!(":{function}"))) && !line.contains("=>")
    };
    annotated.lines().filter(named).filter_map(count).max().map(|count| count / 1000)
}

/// The count of everything.
pub(crate) fn all_thousands(annotated: &str) -> Option<u64> {
    annotated.lines().find(|line| line.contains("PROGRAM TOTALS")).and_then(count).map(|count| count / 1000)
}

fn count(line: &str) -> Option<u64> {
    let digits: String = line.split_whitespace().next()?.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The processor time of all children so far, in microseconds.
pub(crate) fn processor_time() -> Option<i64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    Some((usage.user_time() + usage.system_time()).num_microseconds())
}

/// A clean build of a program that depends on the runtime alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CleanBuild {
    pub(crate) crates: usize,
    /// Processor time.
    pub(crate) microseconds: i64,
}

/// Builds the quickstart with these settings of cargo.
pub(crate) fn clean_build(settings: &[&str]) -> Option<CleanBuild> {
    let arguments = [&["--package", "quickstart"], settings].concat();
    Some(CleanBuild { crates: crates(&["--package", "quickstart"])? - 1, microseconds: least(&arguments)? })
}

/// The same for a program that depends on serde with its derive, and on serde_json.
pub(crate) fn clean_build_with_serde() -> Option<i64> {
    const MANIFEST: &str = "\
[package]
name = \"with-serde\"
edition = \"2024\"

[dependencies]
serde = { version = \"1\", features = [\"derive\"] }
serde_json = \"1\"

[workspace]
";
    let folder = crate::contenders::target().join("with-serde");
    let manifest = folder.join("Cargo.toml");
    std::fs::create_dir_all(folder.join("src")).ok()?;
    std::fs::write(&manifest, MANIFEST).ok()?;
    std::fs::write(folder.join("src/main.rs"), "fn main() {}\n").ok()?;
    // What it needs from a network is not part of a build.
    cargo(&["fetch", "--quiet", "--manifest-path"]).arg(&manifest).status().ok()?;
    least(&["--manifest-path", manifest.to_str()?])
}

/// How many builds are made, of which the fastest counts.
const BUILDS: usize = 3;

fn least(arguments: &[&str]) -> Option<i64> {
    (0..BUILDS).map(|_| build_from_nothing(arguments)).min().flatten()
}

/// The processor time of a build with an empty target directory, as where dependencies are from a registry: those are
/// not built incrementally, which takes longer the first time.
fn build_from_nothing(arguments: &[&str]) -> Option<i64> {
    let target = crate::contenders::target().join("clean");
    if target.exists() {
        std::fs::remove_dir_all(&target).ok()?;
    }
    let before = processor_time()?;
    let built = cargo(&["build", "--quiet", "--target-dir"])
        .arg(&target)
        .args(arguments)
        .env("CARGO_INCREMENTAL", "0")
        .status()
        .ok()?;
    let spent = processor_time()? - before;
    built.success().then_some(spent)
}

/// What promises and the warning about holes add: microseconds without and with each, of the lines that `promise-once`
/// prints.
pub(crate) fn promises() -> Option<Vec<(i64, i64)>> {
    let target = crate::contenders::target().join("macro");
    let output = cargo(&["run", "--quiet", "--package", "benches", "--bin", "promise-once", "--target-dir"])
        .arg(&target)
        .args(AS_MACROS)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let pair = |line: &str| {
        let (without, with) = line.split_once(' ')?;
        Some((without.parse().ok()?, with.parse().ok()?))
    };
    text.lines().map(pair).collect()
}

/// Proofs without and with optimisation: microseconds and nodes of each line that `prove-once` prints.
pub(crate) fn proofs() -> Option<Vec<(u64, u64, u64)>> {
    let target = crate::contenders::target().join("macro");
    let lines = |settings: &[&str]| {
        let output =
            cargo(&["run", "--quiet", "--package", "benches", "--bin", "prove-once", "--target-dir"])
                .arg(&target)
                .args(settings)
                .output()
                .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let pair = |line: &str| {
            let (microseconds, nodes) = line.split_once(' ')?;
            Some((microseconds.parse::<u64>().ok()?, nodes.parse::<u64>().ok()?))
        };
        text.lines().map(pair).collect::<Option<Vec<_>>>()
    };
    let (slow, fast) = (lines(&AS_MACROS)?, lines(&["--release"])?);
    Some(slow.into_iter().zip(fast).map(|((slow, nodes), (fast, _))| (slow, fast, nodes)).collect())
}
