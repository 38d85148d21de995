//! The program and its libraries, as they are when a reporter is installed. A signal handler cannot ask for them: the
//! dynamic linker's lock may be held, and the filter may refuse to open /proc/self/maps.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// Where a segment with code is in memory. There is no lock: every field is an atomic, and those of a segment are only
/// read once it is counted.
struct Segment {
    start: AtomicUsize,
    end: AtomicUsize,
    /// What is added to the addresses in the file.
    base: AtomicUsize,
    /// The name of the file, filled up with zeros.
    name: [AtomicU8; 32],
}

static SEGMENTS: [Segment; 16] = [const {
    let [start, end, base] = [const { AtomicUsize::new(0) }; 3];
    Segment { start, end, base, name: [const { AtomicU8::new(0) }; 32] }
}; 16];

/// `PF_X` of `elf.h`, which older versions of the libc crate lack: the segment has code.
const EXECUTABLE: u32 = 1;

/// How many are recorded.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Records the segments, once.
pub(crate) fn record() {
    if COUNT.load(Ordering::Acquire) != 0 {
        return;
    }
    let mut count = 0_usize;
    // SAFETY: dl_iterate_phdr(3) calls `add`, which has the type that it asks for and does not unwind, with this pointer
    // to a live local, and keeps neither after it returns.
    let _done = unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut count).cast::<c_void>()) };
    COUNT.store(count, Ordering::Release);
}

/// The name of the file that the code at an address is from, and the address in that file.
pub(crate) fn module(address: u64) -> Option<(impl Iterator<Item = u8>, u64)> {
    let address = usize::try_from(address).ok()?;
    let load = |field: &AtomicUsize| field.load(Ordering::Relaxed);
    let recorded = SEGMENTS.iter().take(COUNT.load(Ordering::Acquire));
    let segment = recorded.into_iter().find(|it| (load(&it.start)..load(&it.end)).contains(&address))?;
    let name = segment.name.iter().map(|byte| byte.load(Ordering::Relaxed)).take_while(|byte| *byte != 0);
    Some((name, address.wrapping_sub(load(&segment.base)) as u64))
}

/// Records the segments of one file. `count` is the pointer that `record` passes.
extern "C" fn add(info: *mut libc::dl_phdr_info, _size: usize, count: *mut c_void) -> c_int {
    // SAFETY: the C library passes a whole structure that is valid during the call and that nothing changes meanwhile.
    let info = unsafe { &*info };
    // SAFETY: the pointer is that of `record`'s local, which nothing else uses during the call.
    let count = unsafe { &mut *count.cast::<usize>() };
    if info.dlpi_phdr.is_null() {
        return 0;
    }
    // SAFETY: the C library has the file's program headers in memory at this address, this many.
    let headers = unsafe { core::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let base = word(info.dlpi_addr);
    for header in headers.iter().filter(|it| it.p_type == libc::PT_LOAD && it.p_flags & EXECUTABLE != 0) {
        let Some(segment) = SEGMENTS.get(*count) else { return 1 };
        let start = base.wrapping_add(word(header.p_vaddr));
        segment.start.store(start, Ordering::Relaxed);
        segment.end.store(start.wrapping_add(word(header.p_memsz)), Ordering::Relaxed);
        segment.base.store(base, Ordering::Relaxed);
        for (place, byte) in segment.name.iter().zip(name(info.dlpi_name)) {
            place.store(*byte, Ordering::Relaxed);
        }
        *count += 1;
    }
    0
}

/// An address or a size, whose type is not the same everywhere.
fn word(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or_default()
}

/// The last part of a path; the program's own is empty.
fn name(path: *const c_char) -> &'static [u8] {
    let path = text(path).filter(|path| !path.is_empty()).or_else(|| {
        // SAFETY: getauxval(3) takes a number, and touches only what the kernel put on the stack of the process.
        let executed = unsafe { libc::getauxval(libc::AT_EXECFN) };
        text(executed as *const c_char)
    });
    path.and_then(|path| path.rsplit(|byte| *byte == b'/').next()).unwrap_or_default()
}

fn text(path: *const c_char) -> Option<&'static [u8]> {
    // SAFETY: a path of the C library or of the kernel ends with a zero; the caller uses it during its callback only,
    // while the file is loaded.
    (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) }.to_bytes())
}
