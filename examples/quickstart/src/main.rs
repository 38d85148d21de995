//! A small server under a policy, and what becomes of attacks on it. Each is tried twice, side by side: in a process without
//! the filter, and in one that has it.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::{env, fs, process};

use seccomp_runtime::{Filter, include_policy};

use crate::attempts::{ATTEMPTS, Attempt, FILE, attempt};

mod attempts;
mod server;

/// The policy with a line for each refusal, which says what refused the call. Not every architecture can report.
#[cfg(not(any(target_arch = "powerpc", target_arch = "powerpc64")))]
static REPORTING: Filter =
    include_policy!("policies/quickstart.yaml", refusals = "trap", report = "errno(ENOSYS)");
#[cfg(any(target_arch = "powerpc", target_arch = "powerpc64"))]
static REPORTING: Filter = include_policy!("policies/quickstart.yaml");

fn main() -> io::Result<ExitCode> {
    let tried = match env::args().nth(1).as_deref() {
        None => return compare().map(|()| ExitCode::SUCCESS),
        Some("without") => attempt(),
        Some("with") => server::main(),
        Some(_) => REPORTING.install().map_err(io::Error::other).and_then(|()| attempt()),
    };
    match tried {
        Ok(text) => print!("{text}"),
        Err(error) => {
            print!("{error}");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the attempts and what became of them.
fn compare() -> io::Result<()> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_wanted = io::stdout().is_terminal() || is_set("CLICOLOR_FORCE");
    let style = Style::new(is_wanted, is_set("NO_COLOR"));
    println!("policies/quickstart.yaml is a filter of {} instructions.\n", server::length());
    println!("{:26}{:28}with the filter", "", "without the filter");
    for Attempt { name, .. } in ATTEMPTS {
        let [without, with, reporting] = ["without", "with", "reporting"].map(|mode| run(mode, name));
        let (without, with) = (Outcome::new(&without?), Outcome::new(&with?));
        println!("{name:26}{}{}", style.paint(&without, 28), style.paint(&with, 0));
        if let (false, Some(reason)) = (with.worked, reason(&reporting?)) {
            println!("{:54}{}", "", style.faint(&reason));
        }
    }
    println!("\nNext: write `opne` into the policy in examples/quickstart and build again.");
    Ok(())
}

/// Runs an attempt in a process and a folder of its own.
fn run(mode: &str, name: &str) -> io::Result<Output> {
    let folder = Folder::new(mode)?;
    Command::new(env::current_exe()?).args([mode, name]).current_dir(&folder.0).output()
}

/// A folder with a file, which is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> io::Result<Self> {
        let path = env::temp_dir().join(format!("quickstart-{}-{name}", process::id()));
        fs::create_dir(&path)?;
        let folder = Self(path);
        fs::write(folder.file(), "hello")?;
        Ok(folder)
    }

    fn file(&self) -> PathBuf {
        Path::join(&self.0, FILE)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = fs::remove_dir_all(&self.0);
    }
}

/// What became of an attempt.
struct Outcome {
    worked: bool,
    text: String,
}

impl Outcome {
    fn new(output: &Output) -> Self {
        let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        Self { worked: output.status.success(), text }
    }
}

/// Which line of the policy refuses which call, as the last report of a process has it.
fn reason(output: &Output) -> Option<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let (call, rest) =
        said.lines().rev().find_map(|line| line.strip_prefix("seccomp: ")?.split_once(" refused by "))?;
    let (place, rest) = rest.split_once(" (thread ")?;
    let name = call.split('(').next().unwrap_or(call);
    let verb = if rest.contains(": not listed") { "does not list" } else { "refuses" };
    Some(format!("{place} {verb} {name}"))
}

/// How outcomes look: in colours on a terminal.
#[derive(Clone, Copy)]
struct Style {
    colours: bool,
}

impl Style {
    fn new(is_wanted: bool, is_unwanted: bool) -> Self {
        Self { colours: is_wanted && !is_unwanted }
    }

    fn paint(self, outcome: &Outcome, width: usize) -> String {
        const GREEN: u8 = 32;
        const RED: u8 = 31;
        self.coded(if outcome.worked { GREEN } else { RED }, &format!("{:width$}", outcome.text))
    }

    fn faint(self, text: &str) -> String {
        const FAINT: u8 = 2;
        self.coded(FAINT, text)
    }

    fn coded(self, code: u8, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_that_are_not_asked_to_do_without() {
        let outcome = Outcome { worked: false, text: "refused".to_owned() };
        assert_eq!(Style::new(true, false).paint(&outcome, 8), "\x1b[31mrefused \x1b[0m");
        assert_eq!(Style::new(true, true).paint(&outcome, 8), "refused ");
        assert_eq!(Style::new(false, false).paint(&outcome, 8), "refused ");
    }
}
