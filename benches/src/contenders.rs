//! Programs for the same policy: ours, and what the peers' own code makes of it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use seccomp_compiler::{Architecture, Compiler, Program, RuleSet};

use crate::cargo::cargo;
use crate::policies::project;
use crate::text::as_text;

/// A way to make a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    Ours,
    Libseccomp { level: u8 },
    Seccompiler,
    Minijail { strategy: &'static str },
}

pub(crate) const CONTENDERS: [Contender; 6] = [
    Contender::Ours,
    Contender::Libseccomp { level: 1 },
    Contender::Libseccomp { level: 2 },
    Contender::Seccompiler,
    Contender::Minijail { strategy: "linear" },
    Contender::Minijail { strategy: "bst" },
];

/// A program, and the rules that were asked of who made it.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) program: Program,
    pub(crate) asked: RuleSet,
}

/// Where Minijail's `tools` are: its compiler is a script of its repository, and in no package.
pub(crate) const MINIJAIL: &str = "MINIJAIL_TOOLS";

impl Contender {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Ours => "this project".to_owned(),
            Self::Libseccomp { level } => format!("libseccomp, level {level}"),
            Self::Seccompiler => "seccompiler".to_owned(),
            Self::Minijail { strategy } => format!("Minijail, {strategy}"),
        }
    }

    /// What the peer is, as its own files say.
    pub(crate) fn version(self) -> String {
        let said = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output().ok().filter(|of| of.status.success());
            let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
            text.unwrap_or_else(|| "of an unknown version".to_owned())
        };
        match self {
            Self::Ours => self.name(),
            Self::Libseccomp { .. } => {
                format!("libseccomp {}", said("pkg-config", &["--modversion", "libseccomp"]))
            }
            Self::Seccompiler => {
                let locked = include_str!("../peers/Cargo.lock").split("name = \"seccompiler\"").nth(1);
                let version =
                    locked.and_then(|after| after.split('"').nth(1)).unwrap_or("of an unknown version");
                format!("seccompiler {version}")
            }
            Self::Minijail { .. } => {
                let folder = std::env::var(MINIJAIL).unwrap_or_default();
                let file = |name: &str| said("git", &["hash-object", &format!("{folder}/{name}")]);
                let [compiler, bpf] = ["compiler.py", "bpf.py"].map(file);
                format!(
                    "Minijail's `compiler.py` {compiler:.12} and `bpf.py` {bpf:.12} (by `git hash-object`)"
                )
            }
        }
    }

    /// Builds what makes the peer's programs; an error where its library is not installed.
    pub(crate) fn build(self) -> Result<(), String> {
        match self {
            Self::Ours => Ok(()),
            Self::Libseccomp { .. } => build("libseccomp", "emit-libseccomp"),
            Self::Seccompiler => build("seccompiler", "emit-seccompiler"),
            Self::Minijail { .. } => match std::env::var_os(MINIJAIL).map(PathBuf::from) {
                Some(tools) if tools.join("compiler.py").exists() => Ok(()),
                _ => Err(format!("{MINIJAIL} does not name the folder of its `compiler.py`")),
            },
        }
    }

    /// Whether the peer makes programs for an architecture at all.
    pub(crate) fn supports(self, architecture: &Architecture) -> bool {
        match self {
            Self::Ours => true,
            Self::Libseccomp { .. } => {
                let unknown = ["aarch64_be", "armeb", "riscv32", "loongarch64", "m68k", "csky"];
                !unknown.contains(&architecture.name())
            }
            Self::Seccompiler => ["x86_64", "aarch64", "riscv64"].contains(&architecture.name()),
            Self::Minijail { .. } => {
                ["x86_64", "i386", "aarch64", "arm", "riscv64"].contains(&architecture.name())
            }
        }
    }

    /// The peer's program for these rules; none where it cannot say them.
    pub(crate) fn made(self, rules: &RuleSet) -> Option<Made> {
        let mut asked = self.asked(rules);
        let release = target().join("release");
        let mut command = match self {
            Self::Ours => {
                let program = Compiler::compile_rules(rules).ok()?.program().clone();
                return Some(Made { program, asked });
            }
            Self::Libseccomp { level } => {
                let mut command = Command::new(release.join("emit-libseccomp"));
                command.arg(level.to_string());
                command
            }
            Self::Seccompiler => Command::new(release.join("emit-seccompiler")),
            Self::Minijail { strategy } => {
                let mut command = Command::new("python3");
                command.arg(project().join("benches/peers/minijail.py")).arg(strategy);
                command
            }
        };
        let mut child = command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(as_text(&asked).as_bytes()).ok()?;
        let output = child.wait_with_output().ok()?;
        if !output.status.success() {
            return None;
        }
        // Calls that are not in its table cannot be asked for.
        let said = String::from_utf8(output.stderr).ok()?;
        let unknown: Vec<u32> =
            said.lines().filter_map(|line| line.strip_prefix("unknown ")?.parse().ok()).collect();
        asked.abis[0].rules.retain(|rule| !unknown.contains(&rule.number));
        Some(Made { program: Program::from_bytes(&output.stdout, asked.endian)?, asked })
    }
}

/// Builds one binary of the peers' package with one feature, so that it holds nothing of the others.
pub(crate) fn build(feature: &str, binary: &str) -> Result<(), String> {
    let build = ["build", "--quiet", "--release", "--bin", binary, "--features", feature, "--manifest-path"];
    let output = cargo(&build)
        .arg(project().join("benches/peers/Cargo.toml"))
        .arg("--target-dir")
        .arg(target())
        .env("BENCH_DATA", data())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(text) }
}

/// Where the peers are built.
pub(crate) fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    chosen.unwrap_or_else(|| project().join("target")).join("benches")
}

pub(crate) fn data() -> PathBuf {
    target().join("data")
}

/// How often real programs made each call, by its number: `benches/data/histogram.csv`.
pub(crate) fn histogram(architecture: &Architecture) -> BTreeMap<u32, u64> {
    let lines = include_str!("../data/histogram.csv").lines();
    let counted = lines.filter_map(|line| line.split_once(','));
    let numbered =
        counted.filter_map(|(name, count)| Some((architecture.syscall_number(name)?, count.parse().ok()?)));
    numbered.collect()
}
