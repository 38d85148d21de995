//! What this machine still knows about the process of a violation that just happened.

mod functions;

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use functions::Functions;
#[cfg(target_os = "linux")]
pub(crate) use functions::{demangled, open};

use crate::record::{Process, Violation, container, unit};

/// The most of a command line that is kept.
const LONGEST: usize = 4096;

/// Adds what `/proc` says about the process, if it is still there.
pub(crate) fn complete(violation: &mut Violation, functions: &mut Functions) {
    if let Some(pid) = violation.pid {
        complete_from(violation, &Path::new("/proc").join(pid.to_string()), functions);
    }
}

fn complete_from(violation: &mut Violation, folder: &Path, functions: &mut Functions) {
    let read =
        |name: &str| fs::read(folder.join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    // The ID may belong to another process by now.
    let executable = fs::read_link(folder.join("exe")).map(|path| path.to_string_lossy().into_owned()).ok();
    let thread = read("comm").ok().map(|name| name.trim_end_matches('\n').to_owned());
    let is_same = match executable {
        Some(path) => violation.executable.as_ref() == Some(&path),
        None => violation.thread.is_some() && violation.thread == thread,
    };
    if !is_same {
        return;
    }
    let parent = read("status").ok().and_then(|status| parent(&status));
    let parent_folder = parent.map(|parent| folder.with_file_name(parent.to_string()));
    let parent_name = parent_folder.and_then(|folder| fs::read_to_string(folder.join("comm")).ok());
    let cgroup = read("cgroup").ok().and_then(|groups| cgroup(&groups));
    let mapping = violation.instruction_pointer.and_then(|pointer| Mapping::of(&read("maps").ok()?, pointer));
    let mut process = Process {
        parent,
        parent_name: parent_name.map(|name| name.trim_end_matches('\n').to_owned()),
        command_line: read("cmdline").ok().and_then(|arguments| command_line(&arguments)),
        unit: cgroup.as_deref().and_then(unit),
        container: cgroup.as_deref().and_then(container),
        function: mapping.as_ref().and_then(|mapping| mapping.function(folder, functions)),
        module: mapping.map(|mapping| mapping.module()),
    };
    violation.process.complete(&mut process);
}

fn parent(status: &str) -> Option<u32> {
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    parent.trim().parse().ok().filter(|parent| *parent != 0)
}

/// The control group of systemd: the only one, or that of its own hierarchy.
fn cgroup(groups: &str) -> Option<String> {
    let of =
        |start: &str| groups.lines().find_map(|line| line.split_once(start).map(|(_, path)| path.to_owned()));
    of(":name=systemd:").or_else(|| of("0::"))
}

fn command_line(arguments: &str) -> Option<String> {
    let characters = arguments.trim_end_matches('\0').chars().take(LONGEST);
    let line: String = characters.map(|c| if c == '\0' { ' ' } else { c }).collect();
    (!line.is_empty()).then_some(line)
}

/// Where an instruction is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file that it was mapped from, or `[vdso]`.
    pub module: String,
    /// Where it is in the file.
    pub offset: u64,
    /// The function that it is in, demangled, if the file's symbols say so.
    pub function: Option<String>,
    /// The symbol of the function, as the file has it.
    pub symbol: Option<String>,
    /// The source file, if the file says so.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<u32>,
}

/// The mapped file that contains an address, and the offset in it.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// Its addresses, as the kernel writes them.
    range: String,
    path: String,
    pub(crate) offset: u64,
}

impl Mapping {
    pub(crate) fn of(maps: &str, pointer: u64) -> Option<Self> {
        let number = |text: &str| u64::from_str_radix(text, 16).ok();
        maps.lines().find_map(|line| {
            let (range, rest) = line.split_once(' ')?;
            let (start, end) = range.split_once('-')?;
            let (start, end) = (number(start)?, number(end)?);
            let mut words = rest.splitn(5, ' ');
            let offset = words.nth(1).and_then(number)?;
            let path = words.nth(2)?.trim_start();
            let is_file = path.starts_with('/') || path.starts_with("[v");
            let offset = (start..end).contains(&pointer).then(|| (pointer - start).checked_add(offset))??;
            is_file.then(|| Self { range: range.to_owned(), path: path.to_owned(), offset })
        })
    }

    /// `/usr/lib/libc.so.6+0x10a2b3`.
    fn module(&self) -> String {
        format!("{}+{:#x}", self.path, self.offset)
    }

    /// What is known without a look at the file.
    #[cfg(target_os = "linux")]
    pub(crate) fn place(&self) -> Place {
        let (module, offset) = (self.path.clone(), self.offset);
        Place { module, offset, function: None, symbol: None, file: None, line: None }
    }

    /// The file that is mapped, even if another has its path now; that needs more rights than the path.
    pub(crate) fn file(&self, folder: &Path) -> PathBuf {
        let mapped = folder.join("map_files").join(&self.range);
        let by_path = || PathBuf::from(format!("{}{}", folder.join("root").display(), self.path));
        if mapped.exists() { mapped } else { by_path() }
    }

    /// The address is that of the instruction after the call, which may already belong to the next function.
    fn function(&self, folder: &Path, functions: &mut Functions) -> Option<String> {
        functions.at(&self.file(folder), self.offset.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Functions, Mapping, cgroup, command_line, complete, parent};
    use crate::record::Violation;

    #[test]
    fn an_address_is_found_in_its_file() {
        let maps = "\
55d0c0000000-55d0c0001000 r--p 00000000 fe:00 1234                       /usr/bin/a b
7f0000001000-7f0000005000 r-xp 00028000 fe:00 99                         /usr/lib/libc.so.6
7f0000006000-7f0000007000 rw-p 00000000 00:00 0 
7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0                          [vdso]
";
        let module = |pointer| Mapping::of(maps, pointer).map(|mapping| mapping.module());
        assert_eq!(module(0x7f00_0000_1010).as_deref(), Some("/usr/lib/libc.so.6+0x28010"));
        assert_eq!(module(0x55d0_c000_0001).as_deref(), Some("/usr/bin/a b+0x1"));
        assert_eq!(module(0x7ffd_0000_0002).as_deref(), Some("[vdso]+0x2"));
        assert_eq!(module(0x7f00_0000_6001), None);
        assert_eq!(module(1), None);
    }

    #[test]
    fn files_of_a_process_are_read() {
        assert_eq!(parent("Name:\ta\nPPid:\t42\n"), Some(42));
        assert_eq!(
            cgroup("4:memory:/x\n1:name=systemd:/system.slice/a.service\n0::/y\n").as_deref(),
            Some("/system.slice/a.service")
        );
        assert_eq!(cgroup("0::/system.slice/b.service\n").as_deref(), Some("/system.slice/b.service"));
        assert_eq!(command_line("a\0b c\0\0").as_deref(), Some("a b c"));
        assert_eq!(command_line(""), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_is_known_only_if_it_is_the_same() {
        let executable = std::env::current_exe().expect("this program").display().to_string();
        let mut violation = Violation { pid: Some(std::process::id()), ..Violation::default() };
        let mut functions = Functions::default();
        violation.executable = Some("/bin/another".to_owned());
        complete(&mut violation, &mut functions);
        assert_eq!(violation.process, super::Process::default());
        violation.executable = Some(executable.clone());
        violation.instruction_pointer = Some(cgroup as *const () as u64 + 1);
        complete(&mut violation, &mut functions);
        assert!(
            violation
                .process
                .command_line
                .is_some_and(|line| line.starts_with(&executable) || !line.is_empty())
        );
        assert!(violation.process.parent.is_some());
        let function = violation.process.function.expect("this program has symbols");
        assert!(function.ends_with("local::cgroup"), "{function}");
    }
}
