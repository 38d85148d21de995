//! One ELF file: its functions, the pointers that the loader writes into it, and its names.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use object::elf;
use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _, Rela as _, SectionHeader as _};
use object::{
    LittleEndian, Object as _, ObjectSection as _, ObjectSymbol as _, ObjectSymbolTable as _, SymbolKind,
};

use super::machine::{Machine, Pointer, Step};
use super::memory::{File, Memory};
use super::ranges;

/// Programs have about ten.
const MOST_SEGMENTS: usize = 128;

/// An executable or a library.
pub(super) struct Object {
    /// The path under which it was found.
    pub(super) path: String,
    pub(super) machine: Machine,
    /// Whether it has to be loaded at the addresses that it is linked for, so that any number may be an address.
    pub(super) is_fixed: bool,
    pub(super) entry: u64,
    pub(super) loading: Loading,
    pub(super) memory: Memory,
    pub(super) symbols: Symbols,
    /// Ranges of code, in order, none of which overlap.
    pub(super) functions: Vec<(u64, u64)>,
    /// Where sections begin.
    pub(super) sections: BTreeSet<u64>,
    /// What the loader writes where.
    pub(super) pointers: BTreeMap<u64, Pointer>,
}

/// What the loader is told about other files, and what it calls.
#[derive(Default)]
pub(super) struct Loading {
    pub(super) interpreter: Option<String>,
    pub(super) soname: Option<String>,
    pub(super) needed: Vec<String>,
    pub(super) rpath: Vec<String>,
    pub(super) runpath: Vec<String>,
    /// The functions that the loader calls before `main` and after it.
    pub(super) hooks: Vec<u64>,
    /// Where the loader calls all functions that are listed.
    pub(super) hook_arrays: Vec<(u64, u64)>,
}

#[derive(Default)]
pub(super) struct Symbols {
    /// The names of functions, by address.
    names: BTreeMap<u64, String>,
    /// The sizes of data, by address.
    pub(super) data: BTreeMap<u64, u64>,
    /// The dynamic symbols, by their index.
    pub(super) dynamic: Vec<Symbol>,
    /// The dynamic symbols of each name that other objects can see.
    pub(super) exports: HashMap<String, Vec<u32>>,
}

/// A symbol that other objects can see, or that this one wants of them.
pub(super) struct Symbol {
    pub(super) name: String,
    pub(super) address: u64,
    pub(super) is_defined: bool,
}

impl Object {
    /// Reads an ELF file.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, or why it is not one that can be scanned.
    pub(super) fn parse(path: &str, bytes: Vec<u8>) -> Result<Self, String> {
        if bytes.starts_with(b"#!") {
            return Err("it is a script: name the program that runs it".to_owned());
        }
        if !bytes.starts_with(b"\x7fELF") {
            return Err("it is not an ELF file".to_owned());
        }
        if bytes.get(4..6) != Some(&[2, 1]) {
            return Err("only 64-bit little-endian ELF files can be scanned".to_owned());
        }
        let bytes = Rc::new(bytes);
        let damaged = |error| format!("it is damaged or cut off: {error}");
        let file = File::parse(bytes.as_slice()).map_err(damaged)?;
        let machine = Machine::of(file.elf_header().e_machine(LittleEndian).0)
            .ok_or("only programs for x86_64 and aarch64 can be scanned")?;
        let kind = file.elf_header().e_type(LittleEndian);
        if kind != elf::ET_EXEC && kind != elf::ET_DYN {
            return Err("it is neither an executable nor a shared library".to_owned());
        }
        if file.sections().next().is_none() {
            return Err("it has no section headers, by which its parts are found".to_owned());
        }
        if file.elf_program_headers().len() > MOST_SEGMENTS {
            return Err(format!("it has more than {MOST_SEGMENTS} segments"));
        }
        Self::read(path, machine, &file, &bytes).map_err(damaged)
    }

    fn read(
        path: &str,
        machine: Machine,
        file: &File<'_>,
        bytes: &Rc<Vec<u8>>,
    ) -> object::read::Result<Self> {
        let is_fixed = file.elf_header().e_type(LittleEndian) == elf::ET_EXEC;
        let memory = Memory::of(file, Rc::clone(bytes));
        let symbols = Symbols::of(file);
        let functions = ranges::functions(file, &memory, symbols.names.keys().copied());
        let mut pointers = pointers(file, machine, &memory)?;
        if is_fixed {
            for (address, pointer) in plain_pointers(&memory, &functions) {
                pointers.entry(address).or_insert(pointer);
            }
        }
        Ok(Self {
            path: path.to_owned(),
            machine,
            is_fixed,
            entry: file.entry(),
            loading: Loading::of(file)?,
            memory,
            symbols,
            functions,
            sections: file.sections().map(|section| section.address()).collect(),
            pointers,
        })
    }

    /// The steps of a function, each with the address of its instruction.
    pub(super) fn decode(&self, function: usize, sink: &mut dyn FnMut(u64, Step)) {
        let (start, end) = self.functions[function];
        let length = usize::try_from(end - start).unwrap_or(usize::MAX);
        let code = self.memory.bytes(start);
        self.machine.decode(&code[..length.min(code.len())], start, sink);
    }

    /// The function that holds an address, by its index.
    pub(super) fn function(&self, address: u64) -> Option<usize> {
        let index = self.functions.partition_point(|(start, _)| *start <= address).checked_sub(1)?;
        (address < self.functions[index].1).then_some(index)
    }

    /// The symbol of the function that begins here.
    pub(super) fn symbol(&self, function: usize) -> Option<&str> {
        let (start, end) = self.functions[function];
        // An unwind table may begin a little before its function.
        self.symbols.names.range(start..end).next().map(|(_, name)| name.as_str())
    }

    /// The name by which other objects need it.
    pub(super) fn name(&self) -> &str {
        let file = || self.path.rsplit('/').next().unwrap_or(&self.path);
        self.loading.soname.as_deref().unwrap_or_else(file)
    }
}

impl Loading {
    fn of(file: &File<'_>) -> object::read::Result<Self> {
        let mut loading = Self::default();
        for header in file.elf_program_headers() {
            if header.p_type(LittleEndian) == elf::PT_INTERP {
                let path = header.interpreter(LittleEndian, file.data())?.unwrap_or_default();
                loading.interpreter = Some(text(path));
            }
        }
        let table = file.elf_dynamic_table()?;
        for entry in table.dynamics() {
            let value = entry.val(LittleEndian);
            let string = || entry.string(LittleEndian, *table.strings()).map(text);
            match entry.tag(LittleEndian) {
                elf::DT_NEEDED => loading.needed.push(string()?),
                elf::DT_SONAME => loading.soname = Some(string()?),
                elf::DT_RPATH => loading.rpath.extend(folders(&string()?)),
                elf::DT_RUNPATH => loading.runpath.extend(folders(&string()?)),
                elf::DT_INIT | elf::DT_FINI => loading.hooks.push(value),
                _ => {}
            }
        }
        for section in file.elf_section_table().iter() {
            let kind = section.sh_type(LittleEndian);
            if [elf::SHT_INIT_ARRAY, elf::SHT_FINI_ARRAY, elf::SHT_PREINIT_ARRAY].contains(&kind) {
                let start = section.sh_addr(LittleEndian);
                loading.hook_arrays.push((start, start.saturating_add(section.sh_size(LittleEndian))));
            }
        }
        Ok(loading)
    }
}

impl Symbols {
    fn of(file: &File<'_>) -> Self {
        let mut symbols = Self::default();
        symbols.read_names(file);
        symbols.read_dynamic(file);
        symbols
    }

    fn read_names(&mut self, file: &File<'_>) {
        // The name that other objects see, where there are several.
        for symbol in file.dynamic_symbols().chain(file.symbols()) {
            let name = symbol.name_bytes().map(text).unwrap_or_default();
            if symbol.is_undefined() || name.is_empty() || symbol.address() == 0 {
                continue;
            }
            let kind = symbol.elf_symbol().st_type();
            if kind == elf::STT_FUNC || kind == elf::STT_GNU_IFUNC || kind == elf::STT_NOTYPE {
                // On aarch64, `$x` and `$d` tell code from data.
                if !name.starts_with('$') {
                    self.names.entry(symbol.address()).or_insert(name);
                }
            } else if symbol.kind() == SymbolKind::Data && symbol.size() > 0 {
                self.data.insert(symbol.address(), symbol.size());
            }
        }
    }

    fn read_dynamic(&mut self, file: &File<'_>) {
        let Some(table) = file.dynamic_symbol_table() else { return };
        for index in 0..file.elf_dynamic_symbol_table().len() {
            let symbol = table.symbol_by_index(object::SymbolIndex(index)).ok();
            let name = symbol.as_ref().and_then(|it| it.name_bytes().ok()).map(text).unwrap_or_default();
            let is_defined = symbol.as_ref().is_some_and(|it| !it.is_undefined() && it.address() != 0);
            if is_defined && symbol.as_ref().is_some_and(|it| it.is_global()) {
                let index = u32::try_from(index).unwrap_or_default();
                self.exports.entry(name.clone()).or_default().push(index);
            }
            let address = symbol.map_or(0, |it| it.address());
            self.dynamic.push(Symbol { name, address, is_defined });
        }
    }
}

/// The pointers that relocations tell of.
fn pointers(
    file: &File<'_>,
    machine: Machine,
    memory: &Memory,
) -> object::read::Result<BTreeMap<u64, Pointer>> {
    let mut pointers = BTreeMap::new();
    for section in file.elf_section_table().iter() {
        if !section.sh_flags(LittleEndian).contains(elf::SHF_ALLOC) {
            continue;
        }
        let entries = section.rela(LittleEndian, file.data())?.map(|(entries, _)| entries);
        for entry in entries.unwrap_or_default() {
            let kind = entry.r_type(LittleEndian, false).0;
            let symbol = entry.r_sym(LittleEndian, false);
            if let Some(pointer) = machine.pointer(kind, symbol, entry.r_addend(LittleEndian)) {
                pointers.insert(entry.r_offset(LittleEndian), pointer);
            }
        }
        for address in section.relr(LittleEndian, file.data())?.into_iter().flatten() {
            if let Some(target) = memory.word(address) {
                pointers.insert(address, Pointer::Address(target));
            }
        }
    }
    Ok(pointers)
}

/// Without relocations, every word that is an address may be a pointer.
fn plain_pointers(memory: &Memory, functions: &[(u64, u64)]) -> impl Iterator<Item = (u64, Pointer)> {
    let is_pointer = |target: u64| {
        functions.binary_search_by_key(&target, |(start, _)| *start).is_ok() || memory.is_data(target)
    };
    let words = memory.words_of_data().filter(move |(_, target)| is_pointer(*target));
    words.map(|(address, target)| (address, Pointer::Address(target)))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folders(list: &str) -> impl Iterator<Item = String> {
    list.split(':').filter(|folder| !folder.is_empty()).map(str::to_owned)
}
