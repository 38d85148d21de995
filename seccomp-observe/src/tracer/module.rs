//! A file that code was mapped from: its functions, their lines, and how to unwind them.

use std::fs::File;
use std::rc::Rc;

use addr2line::Context;
use gimli::{
    BaseAddresses, DebugFrame, EhFrame, EhFrameHdr, EndianRcSlice, RunTimeEndian, UnwindContext,
    UnwindSection as _, UnwindTableRow,
};
use object::read::ReadCache;
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol, SymbolKind};

use crate::local::{Mapping, Place, demangled};

/// The largest file that is read.
const LARGEST: u64 = 512 << 20;

/// The largest table without an index that is searched, which is done from its start for each frame.
const LARGEST_TABLE: usize = 1 << 20;

type Bytes = EndianRcSlice<RunTimeEndian>;

pub(super) struct Module {
    /// Where each part of the file is: from which offset on, how long, and at which address.
    parts: Vec<(u64, u64, u64)>,
    /// Start, end and name, in order.
    symbols: Vec<(u64, u64, Box<str>)>,
    bases: BaseAddresses,
    frames: EhFrame<Bytes>,
    index: Option<gimli::ParsedEhFrameHdr<Bytes>>,
    /// For debuggers alone, as in the C library musl.
    debug_frames: DebugFrame<Bytes>,
    lines: Option<Context<Bytes>>,
}

impl Module {
    pub(super) fn of(file: File) -> Option<Self> {
        file.metadata().ok().filter(|metadata| metadata.len() <= LARGEST)?;
        let cache = ReadCache::new(file);
        let object = object::File::parse(&cache).ok()?;
        let endian = if object.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
        let bytes = |name: &str| {
            let section = object.section_by_name(name);
            let data = section.and_then(|section| section.uncompressed_data().ok()).unwrap_or_default();
            Bytes::new(Rc::from(&*data), endian)
        };
        let address = |name| object.section_by_name(name).map_or(0, |section| section.address());
        let bases = BaseAddresses::default()
            .set_eh_frame(address(".eh_frame"))
            .set_eh_frame_hdr(address(".eh_frame_hdr"))
            .set_text(address(".text"))
            .set_got(address(".got"));
        let size = object.architecture().address_size().map_or(8, |size| size.bytes());
        let index = EhFrameHdr::from(bytes(".eh_frame_hdr")).parse(&bases, size).ok();
        let for_debuggers = bytes(".debug_frame");
        let is_short = for_debuggers.len() <= LARGEST_TABLE;
        let mut debug_frames =
            DebugFrame::from(if is_short { for_debuggers } else { Bytes::new(Rc::from([]), endian) });
        debug_frames.set_address_size(size);
        let dwarf = gimli::Dwarf::load(|id| Ok::<_, gimli::Error>(bytes(id.name()))).ok();
        let parts = object.segments().map(|segment| {
            let (start, length) = segment.file_range();
            (start, length, segment.address())
        });
        Some(Self {
            parts: parts.collect(),
            symbols: symbols(&object),
            frames: EhFrame::from(bytes(".eh_frame")),
            index,
            bases,
            debug_frames,
            lines: dwarf.and_then(|dwarf| Context::from_dwarf(dwarf).ok()),
        })
    }

    /// The address of what is at an offset of the file.
    pub(super) fn address(&self, offset: u64) -> Option<u64> {
        self.parts.iter().find_map(|(start, length, address)| {
            let into = offset.checked_sub(*start).filter(|into| into < length)?;
            address.checked_add(into)
        })
    }

    /// What the tables say about the registers of the caller.
    pub(super) fn unwind<'c>(
        &self,
        context: &'c mut UnwindContext<usize>,
        address: u64,
    ) -> Option<&'c UnwindTableRow<usize>> {
        let entry = self.index.as_ref().and_then(|index| {
            let common = EhFrame::cie_from_offset;
            index.table()?.fde_for_address(&self.frames, &self.bases, address, common).ok()
        });
        if let Some(entry) = entry {
            return entry.unwind_info_for_address(&self.frames, &self.bases, context, address).ok();
        }
        let common = DebugFrame::cie_from_offset;
        self.debug_frames.unwind_info_for_address(&self.bases, context, address, common).ok()
    }

    /// The functions that are at an address, those that were inlined first.
    pub(super) fn places(&self, mapping: &Mapping, address: u64) -> Vec<Place> {
        let mut places = Vec::new();
        let frames = self.lines.as_ref().and_then(|lines| lines.find_frames(address).skip_all_loads().ok());
        if let Some(mut frames) = frames {
            while let Ok(Some(frame)) = frames.next() {
                let name = frame.function.as_ref().and_then(|name| Some(name.raw_name().ok()?.into_owned()));
                let mut place = mapping.place();
                place.set_symbol(name);
                if let Some(location) = frame.location {
                    place.file = location.file.map(str::to_owned);
                    place.line = location.line;
                }
                places.push(place);
            }
        }
        // A file without lines has the symbol at best, as has a function of a part without them.
        if places.is_empty() {
            places.push(mapping.place());
        }
        if let Some(last) = places.last_mut()
            && last.symbol.is_none()
        {
            last.set_symbol(self.symbol(address));
        }
        places
    }

    fn symbol(&self, address: u64) -> Option<String> {
        let after = self.symbols.partition_point(|(start, _, _)| *start <= address);
        let (_, end, name) = self.symbols.get(after.checked_sub(1)?)?;
        (address < *end).then(|| name.to_string())
    }
}

impl Place {
    fn set_symbol(&mut self, symbol: Option<String>) {
        self.function = symbol.as_deref().and_then(demangled);
        self.symbol = symbol;
    }
}

fn symbols<'d>(object: &object::File<'d, &'d ReadCache<File>>) -> Vec<(u64, u64, Box<str>)> {
    let all = object.symbols().chain(object.dynamic_symbols());
    let functions = all.filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() != 0);
    let mut symbols: Vec<_> = functions
        .filter_map(|symbol| {
            let end = symbol.address().checked_add(symbol.size())?;
            Some((symbol.address(), end, symbol.name().ok()?.into()))
        })
        .collect();
    symbols.sort_unstable();
    symbols
}
