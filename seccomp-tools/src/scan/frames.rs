//! Where functions begin and end, by the tables that unwind the stack.

use std::collections::HashMap;

use gimli::{BaseAddresses, CieOrFde, EhFrame, EndianSlice, LittleEndian, UnwindSection as _};
use object::ObjectSection as _;

/// The ranges in `.eh_frame`, as far as it is sound.
pub(super) fn functions<'data>(file: &impl object::Object<'data>) -> Vec<(u64, u64)> {
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
