//! Where a program's own calls begin: a breakpoint at its `main`, or at its entry point.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;

use object::read::ReadCache;
use object::{Object, ObjectSymbol};

use super::registers::{self, BREAKPOINT};

/// The largest program whose symbols are read.
const LARGEST: u64 = 512 << 20;

/// A breakpoint, and what was there.
#[derive(Debug)]
pub(super) struct Breakpoint {
    address: u64,
    original: Vec<u8>,
    /// How far behind it a thread stops.
    beyond: u64,
}

impl Breakpoint {
    /// A breakpoint where the program of a process begins that has just become it; none where that cannot be told.
    pub(super) fn at_main(process: i32) -> Option<Self> {
        let (instruction, beyond) = BREAKPOINT?;
        let address = entry(process)?;
        let memory = memory(process).ok()?;
        let mut original = vec![0; instruction.len()];
        memory.read_exact_at(&mut original, address).ok()?;
        memory.write_all_at(instruction, address).ok()?;
        Some(Self { address, original, beyond })
    }

    /// Whether a thread that got SIGTRAP got it here.
    pub(super) fn is_met_by(&self, thread: i32) -> io::Result<bool> {
        Ok(registers::instruction_pointer(thread)? == self.address.wrapping_add(self.beyond))
    }

    /// Has the thread go on as if there had been no breakpoint.
    pub(super) fn remove(&self, thread: i32) -> io::Result<()> {
        memory(thread)?.write_all_at(&self.original, self.address)?;
        registers::go_back(thread, self.address)
    }
}

fn memory(process: i32) -> io::Result<fs::File> {
    OpenOptions::new().read(true).write(true).open(format!("/proc/{process}/mem"))
}

/// The address of `main`, or else that at which the program's own code begins, once its loader is done.
fn entry(process: i32) -> Option<u64> {
    const AT_ENTRY: u64 = 9;
    let vector = fs::read(format!("/proc/{process}/auxv")).ok()?;
    let program = fs::File::open(format!("/proc/{process}/exe")).ok()?;
    let is_small = program.metadata().is_ok_and(|file| file.len() <= LARGEST);
    let mut header = [0; 5];
    program.read_exact_at(&mut header, 0).ok()?;
    // The vector of a 32-bit program has words of 4 bytes.
    let is_32_bit = header[4] == 1;
    if is_32_bit && cfg!(not(target_arch = "x86_64")) {
        return None;
    }
    let words: Vec<u64> = vector.chunks_exact(if is_32_bit { 4 } else { 8 }).map(number).collect();
    let entry = words.chunks_exact(2).find(|pair| pair[0] == AT_ENTRY).map(|pair| pair[1])?;
    let from_entry = is_small.then(|| main_from_entry(program)).flatten();
    Some(entry.wrapping_add(from_entry.unwrap_or(0)))
}

/// How far `main` is from the entry point of a program, if it has such a symbol.
fn main_from_entry(program: fs::File) -> Option<u64> {
    let cache = ReadCache::new(program);
    let object = object::File::parse(&cache).ok()?;
    let is_main = |symbol: &object::Symbol<'_, '_, _>| symbol.is_definition() && symbol.name() == Ok("main");
    let main = object.symbols().find(is_main)?;
    Some(main.address().wrapping_sub(object.entry()))
}

/// A word of this machine.
fn number(bytes: &[u8]) -> u64 {
    match bytes {
        [a, b, c, d] => u32::from_ne_bytes([*a, *b, *c, *d]).into(),
        [a, b, c, d, e, f, g, h] => u64::from_ne_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
        _ => 0,
    }
}
