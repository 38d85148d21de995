//! Where functions begin and end, by the tables that unwind the stack, by symbols, and by what is left between them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gimli::{BaseAddresses, CieOrFde, EhFrame, EndianSlice, LittleEndian, UnwindSection as _};
use object::read::elf::SectionHeader as _;
use object::{Object as _, ObjectSection as _};

use super::memory::{File, Memory, section_range};

/// Ranges of code in order, none of which overlap; `named` are the addresses of symbols.
pub(super) fn functions(
    file: &File<'_>,
    memory: &Memory,
    named: impl Iterator<Item = u64>,
) -> Vec<(u64, u64)> {
    let mut unwound: BTreeMap<u64, u64> = unwound(file).into_iter().collect();
    let mut stubs = BTreeSet::new();
    for section in file.sections().filter(|it| it.name_bytes().is_ok_and(|it| it.starts_with(b".plt"))) {
        let (start, end) = section_range(file, section.address(), section.size());
        // One table describes all stubs.
        unwound.retain(|at, _| !(start..end).contains(at));
        let step = section.elf_section_header().sh_entsize(object::LittleEndian);
        stubs.extend((start..end).step_by(if step == 8 { 8 } else { 16 }));
    }
    let is_new =
        |at: &u64| unwound.range(..=*at).next_back().is_none_or(|(_, end)| end <= at) && memory.is_code(*at);
    // A symbol says nothing reliable about where its code ends.
    let added = named.chain(stubs).filter(is_new).map(|start| (start, None));
    let mut ends: BTreeMap<u64, Option<u64>> = added.collect();
    ends.extend(unwound.iter().map(|(start, end)| (*start, Some(*end))));
    let mut functions = Vec::new();
    for (start, end) in memory.code() {
        split(&ends, (*start, *end), &mut functions);
    }
    functions.sort_unstable();
    functions.dedup_by_key(|(start, _)| *start);
    functions
}

/// Splits a section of code into the functions that are known, and one for each gap.
fn split(ends: &BTreeMap<u64, Option<u64>>, (first, last): (u64, u64), functions: &mut Vec<(u64, u64)>) {
    let mut at = first;
    let mut starts = ends.range(first..last).peekable();
    while let Some((start, end)) = starts.next() {
        if at < *start {
            functions.push((at, *start));
        }
        let next = starts.peek().map_or(last, |(next, _)| **next);
        let end = end.unwrap_or(next).min(next);
        if *start < end {
            functions.push((*start, end));
        }
        at = end.max(*start);
    }
    if at < last {
        functions.push((at, last));
    }
}

/// The functions in `.eh_frame`, up to the first entry that is broken.
fn unwound(file: &File<'_>) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    let Some(section) = file.section_by_name(".eh_frame") else { return found };
    let Ok(bytes) = section.data() else { return found };
    let address = |name| file.section_by_name(name).map_or(0, |section| section.address());
    let bases = BaseAddresses::default()
        .set_eh_frame(section.address())
        .set_text(address(".text"))
        .set_got(address(".got"));
    let table = EhFrame::from(EndianSlice::new(bytes, LittleEndian));
    let mut entries = table.entries(&bases);
    // Most share their first half.
    let mut shared = HashMap::new();
    while let Ok(Some(entry)) = entries.next() {
        let CieOrFde::Fde(partial) = entry else { continue };
        let entry = partial.parse(|table, bases, offset| {
            let common = shared.entry(offset).or_insert_with(|| table.cie_from_offset(bases, offset));
            common.clone()
        });
        if let Ok(entry) = entry {
            // That of a signal handler's return begins a byte early, for those who look at the caller's call.
            let start = entry.initial_address().saturating_add(entry.is_signal_trampoline().into());
            let end = entry.initial_address().saturating_add(entry.len());
            if start < end {
                found.push((start, end));
            }
        }
    }
    found
}
