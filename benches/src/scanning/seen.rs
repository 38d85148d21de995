//! What strace sees a program do.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// How far a process is with the program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It runs another program.
    Elsewhere,
    /// The loader maps the libraries.
    Mapping,
    /// The loader prepares the first thread, and unmaps its list of libraries when it is done.
    Preparing,
    Running,
}

/// The calls that a program is seen to make in a line for a shell, after its loader.
pub(super) fn seen(
    program: &Path,
    is_dynamic: bool,
    line: &str,
    folder: &Path,
) -> Result<BTreeSet<String>, String> {
    let log = folder.join("strace.log");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "4096", "-o"]).arg(&log).args(["timeout", "20", "sh", "-c", line]);
    strace.current_dir(folder).env("PATH", first_in_path(program));
    strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().map_err(|error| format!("strace: {error}"))?;
    let text = std::fs::read(&log).map_err(|error| format!("strace: {error}"))?;
    let mut seen = of_program(program, is_dynamic, &String::from_utf8_lossy(&text));
    // The kernel makes it.
    seen.remove("restart_syscall");
    Ok(seen)
}

/// The PATH under which a program is found before others of its name.
fn first_in_path(program: &Path) -> OsString {
    let mut path = program.parent().unwrap_or(program).as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

/// A line of strace: a call, or its end if another process was shown in between.
struct Line<'a> {
    process: &'a str,
    name: &'a str,
    arguments: &'a str,
    result: Option<&'a str>,
    is_resumed: bool,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (process, rest) = line.split_once(char::is_whitespace)?;
        let rest = rest.trim_start();
        let resumed = rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>"));
        let (name, arguments) = resumed.or_else(|| rest.split_once('('))?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let result = line.rsplit_once(" = ").map(|(_, result)| result);
        is_name.then_some(Self { process, name, arguments, result, is_resumed: resumed.is_some() })
    }

    /// The process that it starts.
    fn child(&self) -> Option<&'a str> {
        let is_number = |result: &&str| result.bytes().all(|byte| byte.is_ascii_digit());
        let starts = ["clone", "clone3", "fork", "vfork"].contains(&self.name);
        self.result.filter(is_number).filter(|_| starts)
    }

    /// Whether it starts a program: this one, or another.
    fn starts(&self, program: &Path) -> Option<bool> {
        let has_worked = self.result.is_none_or(|result| result == "0");
        if self.name != "execve" || self.is_resumed || !has_worked {
            return None;
        }
        let path = Path::new(self.arguments.split('"').nth(1)?);
        Some(path.canonicalize().is_ok_and(|path| path == program))
    }
}

/// The calls of one program in a log of strace.
fn of_program(program: &Path, is_dynamic: bool, log: &str) -> BTreeSet<String> {
    let lines: Vec<Line<'_>> = log.lines().filter_map(Line::read).collect();
    let parents: BTreeMap<&str, &str> =
        lines.iter().filter_map(|line| Some((line.child()?, line.process))).collect();
    let mut seen = BTreeSet::new();
    let mut stages: BTreeMap<&str, Stage> = BTreeMap::new();
    for line in &lines {
        let known = stages.get(line.process).or_else(|| stages.get(parents.get(line.process)?)).copied();
        let stage = known.unwrap_or(Stage::Elsewhere);
        if stage == Stage::Running {
            seen.insert(line.name.to_owned());
        }
        let next = match (stage, line.name) {
            (Stage::Mapping, "set_tid_address") => Stage::Preparing,
            (Stage::Preparing, "munmap") => Stage::Running,
            _ => match line.starts(program) {
                Some(true) if is_dynamic => Stage::Mapping,
                Some(true) => Stage::Running,
                Some(false) => Stage::Elsewhere,
                None => stage,
            },
        };
        stages.insert(line.process, next);
    }
    seen
}
