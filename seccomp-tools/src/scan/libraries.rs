//! Finds the libraries of a program where the loader does.

use std::collections::{HashMap, VecDeque};

use seccomp_compiler::{LoadError, Loader};

use super::elf::Object;
use super::machine::Machine;

/// A program with its libraries in the order in which the loader looks for symbols.
pub(super) struct Loaded {
    pub(super) objects: Vec<Object>,
    /// The libraries that were not found.
    pub(super) missing: Vec<String>,
}

/// More than any program has.
const MOST_OBJECTS: usize = 1000;

/// Why a file cannot be scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unloadable {
    Unreadable(LoadError),
    Unsuitable(String),
}

/// Reads a program, what it needs, and other libraries that it may load while it runs. Absolute paths that the files
/// name are below `sysroot`.
pub(super) fn load(
    program: &str,
    also: &[String],
    sysroot: &str,
    loader: &dyn Loader,
) -> Result<Loaded, (String, Unloadable)> {
    let read = |path: &str| {
        let bytes = loader.load(path).map_err(Unloadable::Unreadable);
        let object = bytes.and_then(|bytes| Object::parse(path, bytes).map_err(Unloadable::Unsuitable));
        object.map_err(|error| (path.to_owned(), error))
    };
    let mut search = Search::new(sysroot, loader, read(program)?);
    for path in also {
        let object = read(path)?;
        if object.machine != search.machine {
            let reason = format!("it is not for {}", search.machine.name());
            return Err((path.clone(), Unloadable::Unsuitable(reason)));
        }
        search.add(object, None);
    }
    search.all();
    Ok(Loaded { objects: search.objects, missing: search.missing })
}

struct Search<'a> {
    sysroot: &'a str,
    loader: &'a dyn Loader,
    machine: Machine,
    objects: Vec<Object>,
    /// The object that needed each one.
    parents: Vec<Option<usize>>,
    pending: VecDeque<usize>,
    missing: Vec<String>,
    /// Where the system's own list has each library.
    cache: Option<HashMap<String, Vec<String>>>,
}

impl<'a> Search<'a> {
    fn new(sysroot: &'a str, loader: &'a dyn Loader, program: Object) -> Self {
        let machine = program.machine;
        let objects = Vec::new();
        let (parents, pending) = (Vec::new(), VecDeque::new());
        let mut search =
            Self { sysroot, loader, machine, objects, parents, pending, missing: Vec::new(), cache: None };
        search.add(program, None);
        search
    }

    fn add(&mut self, object: Object, parent: Option<usize>) {
        self.pending.push_back(self.objects.len());
        self.objects.push(object);
        self.parents.push(parent);
    }

    fn all(&mut self) {
        while let Some(index) = self.pending.pop_front() {
            for name in self.objects[index].loading.needed.clone() {
                self.need(&name, index);
            }
        }
        // The loader is a library itself, which most need anyway.
        if let Some(path) = self.objects[0].loading.interpreter.clone() {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            if !self.has(&name) {
                self.try_paths(&name, vec![self.below(&path)], 0);
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        let base = |path: &str| path.rsplit('/').next() == Some(name);
        self.objects.iter().skip(1).any(|it| it.loading.soname.as_deref() == Some(name) || base(&it.path))
    }

    fn need(&mut self, name: &str, by: usize) {
        if self.has(name) || self.missing.iter().any(|missing| missing == name) {
            return;
        }
        if name.contains('/') {
            return self.try_paths(name, vec![self.below(name)], by);
        }
        let mut paths: Vec<String> = Vec::new();
        if self.objects[by].loading.runpath.is_empty() {
            let mut next = Some(by);
            while let Some(object) = next {
                paths.extend(self.in_folders(&self.objects[object].loading.rpath, object, name));
                next = self.parents[object];
            }
        }
        paths.extend(self.in_folders(&self.objects[by].loading.runpath, by, name));
        // Whoever has another interpreter has its libraries elsewhere.
        let interpreter = self.objects[0].loading.interpreter.clone().unwrap_or_default();
        if !interpreter.contains("/ld-musl-") {
            paths.extend(self.cached(name));
        }
        let machine = self.machine.name();
        let multiarch = [format!("/lib/{machine}-linux-gnu"), format!("/usr/lib/{machine}-linux-gnu")];
        let usual = ["/lib64", "/usr/lib64", "/lib", "/usr/local/lib", "/usr/lib"];
        let usual = multiarch.iter().map(String::as_str).chain(usual);
        paths.extend(usual.map(|folder| self.below(&format!("{folder}/{name}"))));
        let beside = interpreter.rsplit_once('/').map(|(folder, _)| self.below(&format!("{folder}/{name}")));
        paths.extend(beside);
        self.try_paths(name, paths, by);
    }

    fn try_paths(&mut self, name: &str, paths: Vec<String>, by: usize) {
        for path in paths {
            let Ok(bytes) = self.loader.load(&path) else { continue };
            match Object::parse(&path, bytes) {
                Ok(object) if object.machine == self.machine && self.objects.len() < MOST_OBJECTS => {
                    return self.add(object, Some(by));
                }
                // One for another machine is passed over.
                _ => {}
            }
        }
        self.missing.push(name.to_owned());
    }

    /// A path of the system that the program is for.
    fn below(&self, path: &str) -> String {
        format!("{}{path}", self.sysroot)
    }

    fn in_folders(&self, folders: &[String], of: usize, name: &str) -> Vec<String> {
        let origin = self.objects[of].path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let path = |folder: &String| {
            let own = folder.strip_prefix("$ORIGIN").or_else(|| folder.strip_prefix("${ORIGIN}"));
            match own {
                Some(rest) => format!("{origin}{rest}/{name}"),
                None => self.below(&format!("{folder}/{name}")),
            }
        };
        folders.iter().map(path).collect()
    }

    fn cached(&mut self, name: &str) -> Vec<String> {
        if self.cache.is_none() {
            let bytes = self.loader.load(&self.below("/etc/ld.so.cache")).unwrap_or_default();
            self.cache = Some(cache(&bytes));
        }
        let paths = self.cache.as_ref().and_then(|cache| cache.get(name));
        paths.into_iter().flatten().map(|path| self.below(path)).collect()
    }
}

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";

/// Reads `/etc/ld.so.cache`: names with paths. Variants for some processors only are left out.
fn cache(bytes: &[u8]) -> HashMap<String, Vec<String>> {
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    // An older table may be in front of it.
    let Some(start) = bytes.windows(MAGIC.len()).position(|window| window == MAGIC) else { return found };
    let bytes = &bytes[start..];
    let number = |at: usize| bytes.get(at..)?.first_chunk::<4>().map(|it| u32::from_le_bytes(*it));
    let text = |at: usize| {
        let offset = usize::try_from(number(at)?).ok()?;
        let bytes = bytes.get(offset..)?;
        let end = bytes.iter().take(4096).position(|byte| *byte == 0)?;
        core::str::from_utf8(&bytes[..end]).ok().map(str::to_owned)
    };
    const HEADER: usize = 48;
    const ENTRY: usize = 24;
    let count = usize::try_from(number(MAGIC.len()).unwrap_or_default()).unwrap_or_default();
    for entry in (0..count.min(bytes.len() / ENTRY)).map(|index| HEADER + index * ENTRY) {
        let is_for_all = number(entry + 16) == Some(0) && number(entry + 20) == Some(0);
        if let (true, Some(name), Some(path)) = (is_for_all, text(entry + 4), text(entry + 8)) {
            found.entry(name).or_default().push(path);
        }
    }
    found
}
