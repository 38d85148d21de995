//! What the compiler's tables say about calls and signals, remembered: a log has few of them, many times each.

use std::cell::RefCell;
use std::collections::HashMap;

use seccomp_compiler::Architecture;

/// At most this many calls are remembered: a forged log may contain any number.
const REMEMBERED: usize = 4096;

#[derive(Default)]
struct Known {
    calls: HashMap<(&'static str, u32), Option<&'static str>>,
    sigsys: HashMap<&'static str, Option<u32>>,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// The name of the call with this number.
pub(crate) fn name(architecture: &'static Architecture, number: u32) -> Option<&'static str> {
    KNOWN.with_borrow_mut(|known| {
        if known.calls.len() >= REMEMBERED {
            known.calls.clear();
        }
        let call = known.calls.entry((architecture.name(), number));
        *call.or_insert_with(|| architecture.syscall_name(number))
    })
}

/// The number of SIGSYS.
pub(super) fn sigsys(architecture: &'static Architecture) -> Option<u32> {
    KNOWN.with_borrow_mut(|known| {
        *known.sigsys.entry(architecture.name()).or_insert_with(|| architecture.sigsys())
    })
}
