//! Which system calls the machine code of a program can make, without running it.
//!
//! The program and its libraries are read as the loader would. From where the program begins, calls are followed from
//! function to function, through tables of pointers and through pointers that are taken; in each function, the values
//! of registers, so that the number of a system call is known, and those of its arguments that are constants. What
//! cannot be told is listed, never guessed.
//!
//! ```no_run
//! use seccomp_compiler::LoadError;
//! use seccomp_tools::scan::Scanner;
//!
//! let load = |path: &str| std::fs::read(path).map_err(|_| LoadError::NotFound);
//! let scan = Scanner::new(&load).scan("/usr/bin/true")?;
//! assert!(scan.calls.iter().any(|call| call.name() == "exit_group"));
//! # Ok::<(), seccomp_tools::scan::NotScanned>(())
//! ```

mod aarch64;
mod blocks;
mod compare;
mod elf;
mod function;
mod json;
mod libraries;
mod machine;
mod memory;
pub(crate) mod names;
mod ranges;
mod reach;
mod sites;
mod state;
mod summary;
mod survey;
mod tables;
mod value;
mod x86_64;

use core::fmt;

use seccomp_compiler::{Architecture, LoadError, Loader, visible};

use elf::Object;
use libraries::{Loaded, Unloadable};
use reach::{Function, Reach};
use sites::{Open, Way};

pub use compare::{Growth, Judgement, Review};
pub use sites::Reason;

/// Scans programs.
#[derive(Clone)]
pub struct Scanner<'a> {
    loader: &'a dyn Loader,
    sysroot: String,
    also: Vec<String>,
}

impl<'a> Scanner<'a> {
    /// A scanner that reads files with this loader.
    pub fn new(loader: &'a dyn Loader) -> Self {
        Self { loader, sysroot: String::new(), also: Vec::new() }
    }

    /// Looks for libraries below this folder, as if it were the root of the file system.
    #[must_use]
    pub fn sysroot(mut self, folder: &str) -> Self {
        folder.trim_end_matches('/').clone_into(&mut self.sysroot);
        self
    }

    /// Counts a library that the program loads while it runs, such as a plug-in: all that it exports may be called.
    #[must_use]
    pub fn also(mut self, library: &str) -> Self {
        self.also.push(library.to_owned());
        self
    }

    /// Scans a program.
    ///
    /// # Errors
    ///
    /// [`NotScanned`] if the program, or a library that [`also`](Self::also) names, cannot be read or scanned.
    pub fn scan(&self, program: &str) -> Result<Scan, NotScanned> {
        let loaded = libraries::load(program, &self.also, &self.sysroot, self.loader)
            .map_err(|(path, reason)| NotScanned { path, reason })?;
        let architecture = loaded.objects[0].machine.architecture();
        let Some(architecture) = architecture else {
            let reason = Unloadable::Unsuitable("its architecture is unknown".to_owned());
            return Err(NotScanned { path: program.to_owned(), reason });
        };
        let also: Vec<usize> = (1..=self.also.len()).collect();
        let mut reach = reach::reach(&loaded.objects, &also);
        let found = sites::resolve(&mut reach);
        Ok(Scan::new(program, architecture, &loaded, &reach, &found))
    }
}

impl fmt::Debug for Scanner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner").field("sysroot", &self.sysroot).finish_non_exhaustive()
    }
}

/// Why a program was not scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotScanned {
    path: String,
    reason: Unloadable,
}

impl core::error::Error for NotScanned {}

impl fmt::Display for NotScanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = visible(&self.path);
        match &self.reason {
            Unloadable::Unreadable(error) => write!(f, "cannot read `{path}`: {error}"),
            Unloadable::Unsuitable(reason) => write!(f, "cannot scan `{path}`: {reason}"),
        }
    }
}

impl From<(String, LoadError)> for NotScanned {
    fn from((path, error): (String, LoadError)) -> Self {
        Self { path, reason: Unloadable::Unreadable(error) }
    }
}

/// What a program can do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scan {
    /// The path of the program.
    pub program: String,
    /// What it is for.
    pub architecture: &'static Architecture,
    /// The names of its libraries, in the order in which the loader looks for symbols.
    pub libraries: Vec<String>,
    /// The libraries that were not found, so that what they do is not known.
    pub missing: Vec<String>,
    /// The system calls that it can make, by number.
    pub calls: Vec<ReachedCall>,
    /// The places where it makes system calls that are not known.
    pub unresolved: Vec<Unresolved>,
    /// Where it loads code, or looks functions up by a name that is not a constant, while it runs.
    pub lookups: Vec<Lookup>,
}

/// A system call that a program can make.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReachedCall {
    /// The architecture by which it is numbered.
    pub architecture: &'static Architecture,
    /// Its number.
    pub number: u32,
    /// One place for each combination of arguments.
    pub uses: Vec<Use>,
}

/// How a program can make a system call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Use {
    /// The arguments, where they are constants.
    pub arguments: [Option<u64>; 6],
    /// The crate of the nearest function that is neither of a C library nor of Rust's standard library, if there is one;
    /// else `std`, or the name of the library or program.
    pub by: String,
    /// The functions from `main`, or from where the program begins, to the one that makes the call.
    pub path: Vec<String>,
    /// The file that has the instruction.
    pub object: String,
    /// The address of the instruction in it.
    pub address: u64,
}

/// A system call whose number is not known.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unresolved {
    /// The file that has the instruction.
    pub object: String,
    /// The address of the instruction in it.
    pub address: u64,
    /// The functions from `main`, or from where the program begins, to the one that makes the call.
    pub path: Vec<String>,
    /// Why its number is not known.
    pub reason: Reason,
}

/// A call of `dlopen`, or of `dlsym` with a name that is not a constant.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lookup {
    /// The function that makes the call.
    pub function: String,
    /// The function that is called, with the name, if it is a constant.
    pub call: String,
}

impl ReachedCall {
    /// Its name; its number, if the tables do not have it.
    pub fn name(&self) -> String {
        let name = self.architecture.syscall_name(self.number);
        name.map_or_else(|| self.number.to_string(), str::to_owned)
    }
}

impl Scan {
    fn new(
        program: &str,
        architecture: &'static Architecture,
        loaded: &Loaded,
        reach: &Reach<'_>,
        found: &sites::Found,
    ) -> Self {
        let naming = Naming::new(reach);
        let mut calls: Vec<ReachedCall> = Vec::new();
        for (number, ways) in &found.calls {
            let Ok(number) = u32::try_from(*number) else { continue };
            let mut uses: Vec<Use> = ways.iter().map(|(it, way)| naming.use_of(*it, way)).collect();
            uses.sort_by_key(|it| it.path.len());
            calls.push(ReachedCall { architecture, number, uses });
        }
        let unresolved = found.open.iter().map(|(site, open)| naming.unresolved(*site, open)).collect();
        let lookups = reach
            .lookups
            .iter()
            .map(|(function, call)| Lookup { function: naming.qualified(*function), call: call.clone() });
        Self {
            program: program.to_owned(),
            architecture,
            libraries: loaded.objects[1..].iter().map(|object| object.name().to_owned()).collect(),
            missing: loaded.missing.clone(),
            calls,
            unresolved,
            lookups: lookups.collect(),
        }
    }
}

/// Gives functions their names.
struct Naming<'a> {
    reach: &'a Reach<'a>,
    /// Whether the program is of Rust, so that its other functions are those of a C library.
    is_rust: bool,
}

impl<'a> Naming<'a> {
    fn new(reach: &'a Reach<'a>) -> Self {
        let main = &reach.objects[0];
        let mut symbols = (0..main.functions.len()).filter_map(|index| main.symbol(index));
        let is_rust = symbols.any(|symbol| names::crate_of(symbol).is_some());
        Self { reach, is_rust }
    }

    fn object(&self, function: Function) -> &'a Object {
        &self.reach.objects[function.object]
    }

    fn symbol(&self, function: Function) -> Option<&'a str> {
        self.object(function).symbol(function.index)
    }

    fn name(&self, function: Function) -> String {
        let object = self.object(function);
        let unnamed = || format!("{}+{:#x}", object.name(), object.functions[function.index].0);
        self.symbol(function).map_or_else(unnamed, names::readable)
    }

    fn qualified(&self, function: Function) -> String {
        let object = self.object(function).name();
        match self.symbol(function) {
            Some(symbol) => format!("{} ({object})", names::readable(symbol)),
            None => self.name(function),
        }
    }

    /// All functions on the way to a call.
    fn way(&self, functions: &[Function]) -> Vec<Function> {
        let mut way = reach::path(&self.reach.parents, functions[0]);
        way.extend(&functions[1..]);
        way
    }

    /// The names of the functions on a way, from `main` on.
    fn path(&self, way: &[Function]) -> Vec<String> {
        let main = way.iter().position(|it| it.object == 0 && self.symbol(*it) == Some("main"));
        way[main.unwrap_or(0)..].iter().map(|function| self.name(*function)).collect()
    }

    fn use_of(&self, arguments: [Option<u64>; 6], way: &Way) -> Use {
        let Way { functions, address } = way;
        let way = self.way(functions);
        let site = way[way.len() - 1];
        let object = self.object(site).name().to_owned();
        Use { arguments, by: self.owner(&way), path: self.path(&way), object, address: *address }
    }

    fn unresolved(&self, (site, address): (Function, u64), open: &Open) -> Unresolved {
        let path = self.path(&self.way(&open.functions));
        Unresolved { object: self.object(site).name().to_owned(), address, path, reason: open.reason }
    }

    /// Who is responsible for a call.
    fn owner(&self, way: &[Function]) -> String {
        let mut standard = None;
        for function in way.iter().rev() {
            let object = self.object(*function);
            if names::is_c_library(object.name()) {
                continue;
            }
            match self.symbol(*function).and_then(names::crate_of) {
                Some(name) if names::is_standard(&name) => standard = standard.or(Some("std".to_owned())),
                Some(name) => return name,
                // What is linked into a Rust program and is no Rust is its C library.
                None if function.object == 0 && self.is_rust => {}
                None => return object.name().to_owned(),
            }
        }
        standard.unwrap_or_else(|| self.reach.objects[0].name().to_owned())
    }
}
