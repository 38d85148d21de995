//! The function that an instruction belongs to, by the symbols of the file that it was mapped from.
//!
//! The file is the process's to choose and may hold anything.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::MetadataExt;
#[cfg(target_os = "linux")]
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use object::read::ReadCache;
use object::{Object, ObjectSegment, ObjectSymbol, SymbolKind};

/// How many answers are kept.
const MOST: usize = 1024;

/// The largest file that is read: its symbols are held in memory.
const LARGEST: u64 = 512 << 20;

/// The longest name that is kept, in bytes.
const LONGEST: usize = 200;

/// A file with its last change, and an offset in it.
type Place = (u64, u64, i64, u64);

/// Functions by their places.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    known: HashMap<Place, Option<String>>,
}

impl Functions {
    /// The function at this offset of a file, if its symbols say so.
    pub(super) fn at(&mut self, path: &Path, offset: u64) -> Option<String> {
        let file = open(path)?;
        let metadata = file.metadata().ok().filter(|metadata| metadata.len() <= LARGEST)?;
        let place = (metadata.dev(), metadata.ino(), metadata.mtime(), offset);
        if self.known.len() == MOST {
            self.known.clear();
        }
        self.known.entry(place).or_insert_with(|| function(file, offset)).clone()
    }
}

/// A regular file; others might never answer, or do something when they are opened.
pub(crate) fn open(path: &Path) -> Option<File> {
    let is_regular = path.metadata().is_ok_and(|metadata| metadata.is_file());
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(target_os = "linux")]
    options.custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits());
    let file = is_regular.then(|| options.open(path).ok()).flatten()?;
    file.metadata().ok()?.is_file().then_some(file)
}

fn function(file: File, offset: u64) -> Option<String> {
    let cache = ReadCache::new(file);
    let object = object::File::parse(&cache).ok()?;
    let address = object.segments().find_map(|segment| {
        let (start, length) = segment.file_range();
        let into = offset.checked_sub(start).filter(|into| *into < length)?;
        segment.address().checked_add(into)
    })?;
    // The lowest bit of a function's address selects the instruction set on Arm.
    let is_arm = object.architecture() == object::Architecture::Arm;
    let holds = |start: u64, size: u64| address.checked_sub(start).is_some_and(|into| into < size);
    let symbols = object.symbols().chain(object.dynamic_symbols());
    let symbol = symbols
        .filter(|symbol| symbol.kind() == SymbolKind::Text)
        .find(|symbol| holds(symbol.address() & !u64::from(is_arm), symbol.size()))?;
    symbol.name().ok().and_then(demangled)
}

/// The name of a function as it is in its source.
pub(crate) fn demangled(name: &str) -> Option<String> {
    let name = Some(name).filter(|name| !name.is_empty() && name.len() <= LONGEST)?;
    Some(format!("{:#}", rustc_demangle::demangle(name))).filter(|name| name.len() <= LONGEST)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::Path;

    use object::{Object, ObjectSection, ObjectSymbol};

    use super::{Functions, open};

    /// Its symbol is looked for below.
    #[inline(never)]
    fn a_function_of_this_program() -> u64 {
        std::hint::black_box(1)
    }

    #[test]
    fn the_function_of_an_offset_is_found_in_its_file() {
        assert_eq!(a_function_of_this_program(), 1);
        let path = std::env::current_exe().expect("this program");
        let bytes = std::fs::read(&path).expect("it can be read");
        let object = object::File::parse(&*bytes).expect("it is an object file");
        let symbol = object
            .symbols()
            .find(|symbol| symbol.name().is_ok_and(|name| name.contains("a_function_of_this_program")))
            .expect("the symbol");
        let section =
            object.section_by_index(symbol.section_index().expect("it is defined")).expect("its section");
        let offset =
            section.file_range().expect("it is in the file").0 + (symbol.address() & !1) - section.address();
        let mut functions = Functions::default();
        for _ in 0..2 {
            let found = functions.at(&path, offset).expect("a function");
            assert!(found.ends_with("functions::tests::a_function_of_this_program"), "{found}");
        }
        assert_eq!(functions.known.len(), 1);
        assert_eq!(functions.at(&path, u64::MAX), None);
    }

    #[test]
    fn what_is_no_object_file_has_no_functions() {
        let folder = tempfile::tempdir().expect("a folder");
        let (text, pipe) = (folder.path().join("text"), folder.path().join("pipe"));
        std::fs::write(&text, "\x7fELF and nothing else").expect("it can be written");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        assert_eq!(Functions::default().at(&text, 1), None);
        for other in [pipe.as_path(), Path::new("/dev/zero"), Path::new("/nothing")] {
            assert!(open(other).is_none(), "{}", other.display());
        }
    }
}
