//! One ELF file: its segments, its functions, the pointers that the loader writes into it, and its names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use object::elf::{self, FileHeader64, SectionHeader64};
use object::read::elf::{
    Dyn as _, ElfFile, FileHeader as _, ProgramHeader as _, Rela as _, SectionHeader as _,
};
use object::{
    LittleEndian, Object as _, ObjectSection as _, ObjectSymbol as _, ObjectSymbolTable as _, SymbolKind,
};

use super::frames;
use super::machine::Machine;

type File<'data> = ElfFile<'data, FileHeader64<LittleEndian>>;

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
    pub(super) interpreter: Option<String>,
    pub(super) soname: Option<String>,
    pub(super) needed: Vec<String>,
    pub(super) rpath: Vec<String>,
    pub(super) runpath: Vec<String>,
    /// The functions that the loader calls before `main` and after it.
    pub(super) hooks: Vec<u64>,
    /// Where the loader calls all functions that are listed.
    pub(super) hook_arrays: Vec<(u64, u64)>,
    bytes: Vec<u8>,
    bytes_in_file: u64,
    segments: Vec<Segment>,
    /// The sections of code, by address: a segment may hold data as well.
    code: Vec<(u64, u64)>,
    /// Ranges of code, in order, none in two; the last of two that overlap begins where the other ends.
    pub(super) functions: Vec<(u64, u64)>,
    /// Symbols by address: of functions, and of data with its size.
    names: BTreeMap<u64, String>,
    pub(super) data: BTreeMap<u64, u64>,
    /// Where sections begin.
    pub(super) sections: BTreeSet<u64>,
    /// The dynamic symbols, by their index.
    pub(super) symbols: Vec<Symbol>,
    pub(super) exports: HashMap<String, Vec<u32>>,
    /// What the loader writes where.
    pub(super) pointers: BTreeMap<u64, Pointer>,
}

struct Segment {
    address: u64,
    /// Its range in the file.
    start: usize,
    length: usize,
    /// The size in memory.
    size: u64,
    is_writable: bool,
}

/// A symbol that other objects can see, or that this one wants of them.
pub(super) struct Symbol {
    pub(super) name: String,
    pub(super) address: u64,
    pub(super) is_defined: bool,
}

/// A pointer that is there when the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pointer {
    /// To an address of the object itself.
    Address(u64),
    /// To a dynamic symbol, and so far beyond it.
    Symbol(u32, i64),
    /// To what the function at this address returns.
    Chosen(u64),
}

impl Object {
    /// Reads an ELF file.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, or why it is not one that can be scanned.
    pub(super) fn parse(path: &str, bytes: Vec<u8>) -> Result<Self, String> {
        if !bytes.starts_with(b"\x7fELF") {
            return Err("it is not an ELF file".to_owned());
        }
        if bytes.get(4..6) != Some(&[2, 1]) {
            return Err("only 64-bit little-endian ELF files can be scanned".to_owned());
        }
        let file = File::parse(&*bytes).map_err(|error| error.to_string())?;
        let machine = Machine::of(file.elf_header().e_machine(LittleEndian).0)
            .ok_or("only programs for x86_64 and aarch64 can be scanned")?;
        let kind = file.elf_header().e_type(LittleEndian);
        if kind != elf::ET_EXEC && kind != elf::ET_DYN {
            return Err("it is neither an executable nor a shared library".to_owned());
        }
        if file.sections().next().is_none() {
            return Err("it has no section headers, by which its parts are found".to_owned());
        }
        let mut object = Self::empty(path, machine, kind == elf::ET_EXEC, file.entry());
        if file.elf_program_headers().len() > MOST_SEGMENTS {
            return Err(format!("it has more than {MOST_SEGMENTS} segments"));
        }
        object.bytes_in_file = bytes.len() as u64;
        object.read(&file)?;
        object.bytes = bytes;
        object.find_plain_pointers();
        Ok(object)
    }

    fn empty(path: &str, machine: Machine, is_fixed: bool, entry: u64) -> Self {
        Self {
            path: path.to_owned(),
            machine,
            is_fixed,
            entry,
            interpreter: None,
            soname: None,
            needed: Vec::new(),
            rpath: Vec::new(),
            runpath: Vec::new(),
            hooks: Vec::new(),
            hook_arrays: Vec::new(),
            bytes: Vec::new(),
            bytes_in_file: 0,
            segments: Vec::new(),
            code: Vec::new(),
            functions: Vec::new(),
            names: BTreeMap::new(),
            data: BTreeMap::new(),
            sections: BTreeSet::new(),
            symbols: Vec::new(),
            exports: HashMap::new(),
            pointers: BTreeMap::new(),
        }
    }

    fn read(&mut self, file: &File<'_>) -> Result<(), String> {
        let broken = |error: object::read::Error| error.to_string();
        self.read_segments(file).map_err(broken)?;
        self.read_dynamic(file).map_err(broken)?;
        self.read_symbols(file);
        self.read_pointers(file).map_err(broken)?;
        self.read_hook_arrays(file);
        self.sections.extend(file.sections().map(|section| section.address()));
        self.read_code(file);
        self.find_functions(file);
        Ok(())
    }

    fn read_segments(&mut self, file: &File<'_>) -> object::read::Result<()> {
        for header in file.elf_program_headers() {
            let kind = header.p_type(LittleEndian);
            if kind == elf::PT_INTERP {
                let path = header.interpreter(LittleEndian, file.data())?.unwrap_or_default();
                self.interpreter = Some(text(path));
            }
            if kind != elf::PT_LOAD {
                continue;
            }
            let flags = header.p_flags(LittleEndian);
            let (start, length) = header.file_range(LittleEndian);
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            self.segments.push(Segment {
                address: header.p_vaddr(LittleEndian),
                start: start.min(file.data().len()),
                length: length.min(file.data().len().saturating_sub(start)),
                size: header.p_memsz(LittleEndian),
                is_writable: flags.contains(elf::PF_W),
            });
        }
        // The loader makes these read-only when it is done.
        for header in file.elf_program_headers() {
            if header.p_type(LittleEndian) == elf::PT_GNU_RELRO {
                self.split_off(header.p_vaddr(LittleEndian), header.p_memsz(LittleEndian));
            }
        }
        Ok(())
    }

    /// Makes a segment of its own of a read-only part at the start of a writable one.
    fn split_off(&mut self, address: u64, size: u64) {
        let Some(at) = self.segments.iter().position(|it| it.is_writable && it.address == address) else {
            return;
        };
        let whole = &mut self.segments[at];
        let size = size.min(whole.size);
        let length = whole.length.min(usize::try_from(size).unwrap_or(usize::MAX));
        let first = Segment { size, length, is_writable: false, ..*whole };
        whole.address = whole.address.saturating_add(size);
        whole.start += length;
        whole.length -= length;
        whole.size -= size;
        self.segments.push(first);
    }

    fn read_dynamic(&mut self, file: &File<'_>) -> object::read::Result<()> {
        let table = file.elf_dynamic_table()?;
        for entry in table.dynamics() {
            let value = entry.val(LittleEndian);
            let string = || entry.string(LittleEndian, *table.strings()).map(text);
            match entry.tag(LittleEndian) {
                elf::DT_NEEDED => self.needed.push(string()?),
                elf::DT_SONAME => self.soname = Some(string()?),
                elf::DT_RPATH => self.rpath.extend(folders(&string()?)),
                elf::DT_RUNPATH => self.runpath.extend(folders(&string()?)),
                elf::DT_INIT | elf::DT_FINI => self.hooks.push(value),
                _ => {}
            }
        }
        Ok(())
    }

    fn read_symbols(&mut self, file: &File<'_>) {
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
        let table = file.dynamic_symbol_table();
        let count = table.as_ref().map_or(0, |_| file.elf_dynamic_symbol_table().len());
        for index in 0..count {
            let symbol = table.as_ref().and_then(|of| of.symbol_by_index(object::SymbolIndex(index)).ok());
            let name = symbol.as_ref().and_then(|it| it.name_bytes().ok()).map(text).unwrap_or_default();
            let is_defined = symbol.as_ref().is_some_and(|it| !it.is_undefined() && it.address() != 0);
            if is_defined && symbol.as_ref().is_some_and(|it| it.is_global()) {
                let index = u32::try_from(index).unwrap_or_default();
                self.exports.entry(name.clone()).or_default().push(index);
            }
            let address = symbol.map_or(0, |it| it.address());
            self.symbols.push(Symbol { name, address, is_defined });
        }
    }

    fn read_pointers(&mut self, file: &File<'_>) -> object::read::Result<()> {
        for section in file.elf_section_table().iter() {
            if !section.sh_flags(LittleEndian).contains(elf::SHF_ALLOC) {
                continue;
            }
            if let Some((entries, _)) = section.rela(LittleEndian, file.data())? {
                for entry in entries {
                    let kind = entry.r_type(LittleEndian, false).0;
                    let symbol = entry.r_sym(LittleEndian, false);
                    let pointer = self.machine.pointer(kind, symbol, entry.r_addend(LittleEndian));
                    if let Some(pointer) = pointer {
                        self.pointers.insert(entry.r_offset(LittleEndian), pointer);
                    }
                }
            }
            for address in section.relr(LittleEndian, file.data())?.into_iter().flatten() {
                if let Some(target) = self.word(file.data(), address) {
                    self.pointers.insert(address, Pointer::Address(target));
                }
            }
        }
        Ok(())
    }

    fn read_hook_arrays(&mut self, file: &File<'_>) {
        for section in file.elf_section_table().iter() {
            let kind = section.sh_type(LittleEndian);
            if [elf::SHT_INIT_ARRAY, elf::SHT_FINI_ARRAY, elf::SHT_PREINIT_ARRAY].contains(&kind) {
                let start = section.sh_addr(LittleEndian);
                self.hook_arrays.push((start, start.saturating_add(section.sh_size(LittleEndian))));
            }
        }
    }

    fn read_code(&mut self, file: &File<'_>) {
        let flags = elf::SHF_ALLOC | elf::SHF_EXECINSTR;
        let is_code = |it: &&_| SectionHeader64::sh_flags(*it, LittleEndian).contains(flags);
        let mut code: Vec<(u64, u64)> = file
            .elf_section_table()
            .iter()
            .filter(is_code)
            .map(|section| {
                let start = section.sh_addr(LittleEndian);
                (start, start.saturating_add(section.sh_size(LittleEndian).min(self.bytes_in_file)))
            })
            .collect();
        code.sort_unstable();
        let mut last = 0;
        for (start, end) in code {
            // No two overlap.
            if start.max(last) < end {
                self.code.push((start.max(last), end));
                last = end;
            }
        }
    }

    /// The ranges of functions, by the unwind tables, the symbols, and what is between them.
    fn find_functions(&mut self, file: &File<'_>) {
        let mut ends: BTreeMap<u64, u64> = frames::functions(file).into_iter().collect();
        let mut stubs = BTreeSet::new();
        for section in file.sections().filter(|it| it.name_bytes().is_ok_and(|it| it.starts_with(b".plt"))) {
            let end = section.address().saturating_add(section.size().min(self.bytes_in_file));
            // One table describes all stubs.
            ends.retain(|start, _| !(section.address()..end).contains(start));
            let step = section.elf_section_header().sh_entsize(LittleEndian);
            stubs.extend((section.address()..end).step_by(if step == 8 { 8 } else { 16 }));
        }
        let starts = self.names.keys().copied().chain(stubs);
        let starts: Vec<u64> = starts.filter(|start| self.is_code(*start)).collect();
        let symbols =
            |address: &u64| ends.range(..=*address).next_back().is_none_or(|(_, end)| end <= address);
        let added: Vec<u64> = starts.into_iter().filter(symbols).collect();
        ends.extend(added.into_iter().map(|start| (start, 0)));
        for (start, end) in self.code.clone() {
            self.find_functions_between(&ends, start, end);
        }
        self.functions.sort_unstable();
        self.functions.dedup_by_key(|(start, _)| *start);
    }

    /// The functions of a segment: those that are known, and one for each gap.
    fn find_functions_between(&mut self, ends: &BTreeMap<u64, u64>, first: u64, last: u64) {
        let mut at = first;
        let mut starts = ends.range(first..last).peekable();
        while let Some((start, end)) = starts.next() {
            if at < *start {
                self.functions.push((at, *start));
            }
            let next = starts.peek().map_or(last, |(next, _)| **next);
            // A symbol says nothing reliable about where its code ends.
            let end = if *end == 0 { next } else { (*end).min(next) };
            if *start < end {
                self.functions.push((*start, end));
            }
            at = end.max(*start);
        }
        if at < last {
            self.functions.push((at, last));
        }
    }

    /// Without relocations, every word that is an address may be a pointer.
    fn find_plain_pointers(&mut self) {
        if !self.is_fixed {
            return;
        }
        let mut found = Vec::new();
        for segment in &self.segments {
            let skipped = segment.address.next_multiple_of(8) - segment.address;
            let bytes = self.bytes.get(segment.start..segment.start + segment.length).unwrap_or_default();
            let bytes = bytes.get(usize::try_from(skipped).unwrap_or_default()..).unwrap_or_default();
            for (index, word) in bytes.as_chunks::<8>().0.iter().enumerate() {
                let target = u64::from_le_bytes(*word);
                let address = segment.address.saturating_add(skipped).saturating_add(8 * index as u64);
                if self.is_code(address) {
                    continue;
                }
                let is_function = self.functions.binary_search_by_key(&target, |(start, _)| *start).is_ok();
                if is_function || self.is_data(target) {
                    found.push((address, Pointer::Address(target)));
                }
            }
        }
        for (address, pointer) in found {
            self.pointers.entry(address).or_insert(pointer);
        }
    }

    fn segment(&self, address: u64) -> Option<&Segment> {
        let holds = |it: &&Segment| address.checked_sub(it.address).is_some_and(|at| at < it.size);
        self.segments.iter().find(holds)
    }

    pub(super) fn is_code(&self, address: u64) -> bool {
        let index = self.code.partition_point(|(start, _)| *start <= address);
        index.checked_sub(1).is_some_and(|index| address < self.code[index].1)
    }

    pub(super) fn is_data(&self, address: u64) -> bool {
        self.segment(address).is_some() && !self.is_code(address)
    }

    /// Whether the program may change what is there.
    pub(super) fn is_writable(&self, address: u64) -> bool {
        self.segment(address).is_none_or(|segment| segment.is_writable)
    }

    /// The bytes from an address to the end of its segment in the file.
    pub(super) fn bytes(&self, address: u64) -> &[u8] {
        self.bytes_in(&self.bytes, address)
    }

    fn bytes_in<'data>(&self, file: &'data [u8], address: u64) -> &'data [u8] {
        let found = self.segment(address).and_then(|segment| {
            let skipped = usize::try_from(address - segment.address).ok()?;
            file.get(segment.start + skipped.min(segment.length)..segment.start + segment.length)
        });
        found.unwrap_or_default()
    }

    fn word(&self, file: &[u8], address: u64) -> Option<u64> {
        self.bytes_in(file, address).first_chunk::<8>().copied().map(u64::from_le_bytes)
    }

    /// A text that ends in a zero.
    pub(super) fn text(&self, address: u64) -> Option<&str> {
        let bytes = self.bytes(address);
        let end = bytes.iter().take(256).position(|byte| *byte == 0)?;
        core::str::from_utf8(&bytes[..end]).ok()
    }

    /// The function that holds an address, by its index.
    pub(super) fn function(&self, address: u64) -> Option<usize> {
        let index = self.functions.partition_point(|(start, _)| *start <= address).checked_sub(1)?;
        (address < self.functions[index].1).then_some(index)
    }

    /// The symbol of the function that begins here.
    pub(super) fn symbol(&self, function: usize) -> Option<&str> {
        let (start, end) = self.functions[function];
        let exact = self.names.get(&start);
        // An unwind table may begin a little before its function.
        exact.or_else(|| self.names.range(start..end).next().map(|(_, name)| name)).map(String::as_str)
    }

    /// The name by which other objects need it.
    pub(super) fn name(&self) -> &str {
        self.soname.as_deref().unwrap_or_else(|| self.path.rsplit('/').next().unwrap_or(&self.path))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folders(list: &str) -> impl Iterator<Item = String> {
    list.split(':').filter(|folder| !folder.is_empty()).map(str::to_owned)
}
