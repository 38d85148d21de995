//! The wall: filters asked about any call whatever, none of which is made.

use std::marker::PhantomData;

use libc::c_long;
use seccomp_compiler::{Instruction, Verdict};
use seccomp_runtime::Errno;

use super::call::raw;
use super::install::{KEY, install, loadable, set_filter};
use crate::programs::{self, answering_all_but};

/// The answer of the wall: an error that no kernel gives.
pub const WALL: u16 = 0x123;

/// Numbers that the kernel exempts from every filter: uretprobe and uprobe, whose calls the kernel itself puts into
/// programs.
pub const EXEMPT: &[u32] = if cfg!(target_arch = "x86_64") { &[335, 336] } else { &[] };

/// A thread whose calls the kernel answers, but makes no longer. Below its program lies a filter that answers [`WALL`]
/// to everything: of equal actions that of the newest filter counts, so any other answer is the program's own, and
/// a program that lets a call pass lets it run into the wall.
#[derive(Debug)]
pub struct Walled {
    /// Filters are a thread's own: this must not be sent.
    here: PhantomData<*const ()>,
}

impl Walled {
    /// Walls this thread in, for good, with `program` as the newest filter.
    ///
    /// # Errors
    ///
    /// That of prctl(2) or seccomp(2).
    pub fn new(program: &[Instruction]) -> Result<Self, Errno> {
        let program = loadable(program);
        install(&answering_all_but(libc::SYS_seccomp, 5, KEY, Verdict::Errno(WALL)))?;
        set_filter(&program)?;
        Ok(Self { here: PhantomData })
    }

    /// What the filters answer to any call whatever.
    ///
    /// # Errors
    ///
    /// The filters' answer: [`WALL`] or the program's own. `Ok(0)` is its `errno(0)`.
    ///
    /// # Panics
    ///
    /// If the call is one that the wall lets through.
    pub fn call(&self, number: u32, arguments: [usize; 6]) -> Result<c_long, Errno> {
        let installs =
            number == programs::number(libc::SYS_seccomp) && arguments[5] & 0xffff_ffff == KEY as usize;
        assert!(!installs && !EXEMPT.contains(&number), "the wall lets this call through");
        // SAFETY: `self` exists on this thread only, which is under the wall for the rest of its life: `new` installed
        // it, and filters cannot be taken off. The wall answers with an error to every call but a marked seccomp(2)
        // and, by the kernel's doing, the exempt ones, which were just excluded; another filter can only make that
        // stricter. So no call is made, whatever the arguments point to.
        unsafe { raw(number as c_long, arguments) }
    }
}
