//! The system calls, and the only `unsafe` that ships. Each block is one operation, with a proof.
//!
//! What installing needs is inlined into the program, as `main_attribute` says, and goes through syscall(2): every
//! function of the C library that a program does not use otherwise adds 64 bytes to it.
#![expect(unsafe_code, reason = "system calls are foreign functions, and programs come as bytes")]

#[cfg(any(target_os = "linux", target_os = "android"))]
mod install;
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
mod modules;
mod process;
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
mod signal;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod unsupported;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use install::{is_filtered, probe, set_filter, set_no_new_privs};
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
pub(crate) use modules::module;
pub(crate) use process::{STANDARD_ERROR, exit, write_line};
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
pub(crate) use process::{thread, write};
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
pub(crate) use signal::handle_traps;
#[cfg(all(feature = "report", not(any(target_os = "linux", target_os = "android"))))]
pub(crate) use unsupported::handle_traps;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use unsupported::{is_filtered, probe, set_filter, set_no_new_privs};

use crate::filter::Instruction;

/// The instructions that these bytes are in the target's memory. Of all that a macro can emit, a byte string is the
/// cheapest to compile.
#[doc(hidden)]
#[must_use]
pub const fn program<const N: usize, const BYTES: usize>(bytes: [u8; BYTES]) -> [Instruction; N] {
    const { assert!(BYTES == size_of::<[Instruction; N]>()) };
    #[repr(C)]
    union Memory<const N: usize, const BYTES: usize> {
        bytes: [u8; BYTES],
        program: [Instruction; N],
    }
    // SAFETY: both fields begin the union and are of one size, as asserted, so all that is read was written; and an
    // instruction is integers of 2, 1, 1 and 4 bytes without padding, for which all bits are values.
    unsafe { Memory { bytes }.program }
}
