//! A call for every route of the table that x86_64 or i386 has.

mod files;
mod machine;
mod processes;
mod sockets;

use super::child::Child;

/// Every trial. Several lines of one call are several routes of it.
pub(super) fn all() -> impl Iterator<Item = &'static Trial> {
    [files::TRIALS, machine::TRIALS, processes::TRIALS, sockets::TRIALS].into_iter().flatten()
}

/// A call that has an effect: its arguments, made of memory and of what the child has.
pub(super) struct Trial {
    pub(super) effect: &'static str,
    pub(super) call: &'static str,
    /// How the condition of its row begins.
    pub(super) condition: &'static str,
    pub(super) arguments: fn(&mut Child) -> [u64; 6],
}

macro_rules! trials {
    ($($effect:literal { $($call:ident $([$condition:literal])?: |$child:ident| $arguments:expr;)* })*) => {
        pub(super) const TRIALS: &[Trial] = &[$($(Trial {
            effect: $effect,
            call: stringify!($call),
            condition: concat!("", $($condition)?),
            arguments: |$child| {
                let arguments: &[u64] = &$arguments;
                std::array::from_fn(|at| arguments.get(at).copied().unwrap_or_default())
            },
        },)*)*];
    };
}

pub(super) const HERE: u64 = (-100_i64).cast_unsigned();
pub(super) const NONE: u64 = u64::MAX;
pub(super) const UNIX: u64 = 1;
pub(super) const INET: u64 = 2;
pub(super) const STREAM: u64 = 1;
pub(super) const DATAGRAM: u64 = 2;

use trials;
