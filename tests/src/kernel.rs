//! Runs code in child processes under real filters. The only `unsafe` of the tests is in this folder.
//!
//! A filter cannot be taken back, so each claim gets a child of its own: [`passes`] for one that must come through,
//! [`dies_of_sigsys`] for one that must not. What a child asserts, it asserts as any test does; its panic message
//! reaches the test through shared memory, which needs no system call.
#![expect(unsafe_code, reason = "fork, seccomp and raw system calls are foreign functions")]

pub mod attempt;
mod call;
mod child;
#[cfg(target_arch = "x86_64")]
mod door;
mod install;
pub mod record;
mod sigsys;
mod timer;
mod wall;

pub use call::{
    become_ordinary_user, fchmodat, forge_sigsys, getppid, gettid, ioctl, mknodat, newer, raise_sigsys,
    socket, socket_of_type,
};
#[cfg(target_arch = "x86_64")]
pub use call::{chmod, getppid_by_int80, getppid_of_x32, time_by_vsyscall};
pub use child::{Ended, companion, dies_of_sigsys, in_child, no_core, passes, shared};
#[cfg(target_arch = "x86_64")]
pub use door::{Door, Low};
pub use install::{install, start_under};
pub use sigsys::{Sigsys, SigsysRecord};
pub use timer::interrupt_often;
pub use wall::{EXEMPT, WALL, Walled};
