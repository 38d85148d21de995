//! A folder of policies, and the command run in it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use seccomp_compiler::{Architecture, Compiled, Compiler, Program, SourceFile};

/// A policy without mistakes or warnings, on every architecture.
pub(crate) const SOUND: &str = "\
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls:
- action: allow
  names: [\"@rust-std\"]
";

/// The same, and a program can be started under it.
pub(crate) const LAUNCHED: &str = "\
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls:
- action: allow
  names: [\"@rust-std\", execve]
";

/// A policy with one mistake for each stage.
pub(crate) const MISTAKEN: &str = "\
default_action: alow
syscalls:
- action: errno
  names:
  - opne
  - execve
  - kill
  - execve
";

/// A policy that compiles with a warning.
pub(crate) const ODD: &str = "\
default_action: allow
syscalls:
- action: errno(0)
  names: [sync]
";

/// A policy for two architectures.
pub(crate) const MEANT_FOR_X86: &str = "\
architectures: [x86_64, i386]
default_action: allow
syscalls:
- action: errno
  names: [iopl, ioperm, uselib]
";

/// A disabled policy.
pub(crate) const DISABLED: &str = "\
enabled: false
allow_warnings: [not-enabled: it is a test]
default_action: allow
syscalls:
- action: errno
  names: [sync]
";

pub(crate) struct Folder(tempfile::TempDir);

/// The result of a run.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    /// A folder with these files, by their paths in it.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        for (path, text) in files {
            let path = folder.path(path);
            fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
            fs::write(path, text).expect("a file in it");
        }
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The names of its files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("the folder is there");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-seccomp"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        command
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR")
            .env_remove("CLICOLOR_FORCE")
            .env("TERM", "xterm");
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.command(arguments).output().expect("the command starts").into()
    }

    /// Runs the command with this at standard input.
    pub(crate) fn run_with(&self, arguments: &str, input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("it ends");
        writer.join().expect("no panic").expect("all was read");
        output.into()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            bytes: output.stdout,
        }
    }
}

/// Runs the command on the one policy `policy.yaml`.
pub(crate) fn run(policy: &str, arguments: &str) -> Run {
    Folder::with(&[("policy.yaml", policy)]).run(arguments)
}

/// A sound policy, compiled.
pub(crate) fn compiled(policy: &str, architecture: &str) -> Compiled {
    let architecture = Architecture::find(architecture).expect("an architecture");
    Compiler::for_architecture(architecture)
        .compile(&SourceFile::new("policy.yaml", policy))
        .expect("a sound policy")
}

/// The program of a sound policy.
pub(crate) fn program(policy: &str, architecture: &str) -> Program {
    compiled(policy, architecture).program().clone()
}
