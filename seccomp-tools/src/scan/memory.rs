//! What is in memory when an object has been loaded: the bytes of its segments, and which of them are code.

use std::rc::Rc;

use object::LittleEndian;
use object::elf::{self, FileHeader64};
use object::read::elf::{ElfFile, ProgramHeader as _, SectionHeader as _};

pub(super) type File<'data> = ElfFile<'data, FileHeader64<LittleEndian>>;

pub(super) struct Memory {
    file: Rc<Vec<u8>>,
    segments: Vec<Segment>,
    /// The sections of code, by address, as a segment may hold data as well. No two overlap.
    code: Vec<(u64, u64)>,
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

impl Memory {
    pub(super) fn of(file: &File<'_>, bytes: Rc<Vec<u8>>) -> Self {
        Self { segments: segments(file, bytes.len()), code: code(file), file: bytes }
    }

    fn segment(&self, address: u64) -> Option<&Segment> {
        let holds = |it: &&Segment| address.checked_sub(it.address).is_some_and(|at| at < it.size);
        self.segments.iter().find(holds)
    }

    pub(super) fn code(&self) -> &[(u64, u64)] {
        &self.code
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
        let found = self.segment(address).and_then(|segment| {
            let skipped = usize::try_from(address - segment.address).ok()?;
            self.file.get(segment.start + skipped.min(segment.length)..segment.start + segment.length)
        });
        found.unwrap_or_default()
    }

    pub(super) fn word(&self, address: u64) -> Option<u64> {
        self.bytes(address).first_chunk::<8>().copied().map(u64::from_le_bytes)
    }

    /// A text that ends in a zero.
    pub(super) fn text(&self, address: u64) -> Option<&str> {
        let bytes = self.bytes(address);
        let end = bytes.iter().take(256).position(|byte| *byte == 0)?;
        core::str::from_utf8(&bytes[..end]).ok()
    }

    /// The aligned words that are no code, with their addresses.
    pub(super) fn words_of_data(&self) -> impl Iterator<Item = (u64, u64)> {
        let words = self.segments.iter().flat_map(|segment| {
            let skipped = segment.address.next_multiple_of(8) - segment.address;
            let bytes = self.file.get(segment.start..segment.start + segment.length).unwrap_or_default();
            let bytes = bytes.get(usize::try_from(skipped).unwrap_or_default()..).unwrap_or_default();
            let first = segment.address.saturating_add(skipped);
            let words = bytes.as_chunks::<8>().0.iter().enumerate();
            words
                .map(move |(index, word)| (first.saturating_add(8 * index as u64), u64::from_le_bytes(*word)))
        });
        words.filter(|(address, _)| !self.is_code(*address))
    }
}

fn segments(file: &File<'_>, bytes: usize) -> Vec<Segment> {
    let mut segments = Vec::new();
    for header in file.elf_program_headers() {
        if header.p_type(LittleEndian) != elf::PT_LOAD {
            continue;
        }
        let (start, length) = header.file_range(LittleEndian);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        segments.push(Segment {
            address: header.p_vaddr(LittleEndian),
            start: start.min(bytes),
            length: length.min(bytes.saturating_sub(start)),
            size: header.p_memsz(LittleEndian),
            is_writable: header.p_flags(LittleEndian).contains(elf::PF_W),
        });
    }
    // The loader makes these read-only when it is done.
    for header in file.elf_program_headers() {
        if header.p_type(LittleEndian) == elf::PT_GNU_RELRO {
            split_off(&mut segments, header.p_vaddr(LittleEndian), header.p_memsz(LittleEndian));
        }
    }
    segments
}

/// Makes a segment of its own of a read-only part at the start of a writable one.
fn split_off(segments: &mut Vec<Segment>, address: u64, size: u64) {
    let Some(whole) = segments.iter_mut().find(|it| it.is_writable && it.address == address) else { return };
    let size = size.min(whole.size);
    let length = whole.length.min(usize::try_from(size).unwrap_or(usize::MAX));
    let first = Segment { size, length, is_writable: false, ..*whole };
    whole.address = whole.address.saturating_add(size);
    whole.start += length;
    whole.length -= length;
    whole.size -= size;
    segments.push(first);
}

fn code(file: &File<'_>) -> Vec<(u64, u64)> {
    let flags = elf::SHF_ALLOC | elf::SHF_EXECINSTR;
    let sections = file.elf_section_table().iter();
    let sections = sections.filter(|section| section.sh_flags(LittleEndian).contains(flags));
    let mut ranges: Vec<(u64, u64)> = sections
        .map(|section| section_range(file, section.sh_addr(LittleEndian), section.sh_size(LittleEndian)))
        .collect();
    ranges.sort_unstable();
    let mut last = 0;
    for (start, end) in &mut ranges {
        *start = last.max(*start);
        last = last.max(*end);
    }
    ranges.retain(|(start, end)| start < end);
    ranges
}

/// The addresses of a section, which is no larger than its file.
pub(super) fn section_range(file: &File<'_>, address: u64, size: u64) -> (u64, u64) {
    (address, address.saturating_add(size.min(file.data().len() as u64)))
}
