//! The arguments of a call by name: which register of an architecture holds each.

use crate::kernel::architecture::Architecture;
use crate::kernel::tables::{self, Syscall};

/// The names of a call's registers on an architecture; `None` where its signature is unknown there. The table has the
/// halves of a split argument in the order of one byte order.
pub(crate) fn names(syscall: Syscall, architecture: &Architecture) -> Option<Vec<String>> {
    let swapped = architecture.swapped_halves;
    let name = |argument: &tables::Argument| match argument.name.rsplit_once('.') {
        Some((name, "lo")) if swapped => format!("{name}.hi"),
        Some((name, "hi")) if swapped => format!("{name}.lo"),
        _ => argument.name.to_owned(),
    };
    Some(syscall.signature(architecture.table)?.iter().map(name).collect())
}

/// The names of a call's registers on the first architecture that knows them.
pub(super) fn known(syscall: Syscall) -> Vec<String> {
    Architecture::all().find_map(|architecture| names(syscall, architecture)).unwrap_or_default()
}

/// The index among a call's registers of the argument that the kernel or the manual page calls `wanted`.
pub(crate) fn position(syscall: Syscall, wanted: &str, registers: &[String]) -> Option<usize> {
    let named = |name: &str| registers.iter().position(|register| register == name);
    named(wanted).or_else(|| tables::kernel_names(syscall.name, wanted).find_map(named))
}

/// Whether a call has an argument of this name on any architecture.
pub(super) fn exists(syscall: Syscall, name: &str) -> bool {
    Architecture::all().filter_map(|architecture| names(syscall, architecture)).any(|registers| {
        position(syscall, name, &registers).is_some()
            || registers.iter().any(|register| is_half(register, syscall, name))
    })
}

/// Whether a register holds half of the argument that is called `name`.
pub(super) fn is_half(register: &str, syscall: Syscall, name: &str) -> bool {
    let whole = register.strip_suffix(".lo").or(register.strip_suffix(".hi"));
    whole.is_some_and(|whole| {
        whole == name || tables::kernel_names(syscall.name, name).any(|kernel| kernel == whole)
    })
}

/// Whether a register holds the same argument in two signatures, as far as both are known.
///
/// The same argument can have different names in two entries of one call. So a different name means a different
/// argument only if that name is elsewhere in the other signature, if the numbers of registers differ, or if one of
/// the two is padding or half of an argument.
pub(super) fn is_same(ours: Option<&[String]>, theirs: Option<&[String]>, register: usize) -> bool {
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return true };
    match (ours.get(register), theirs.get(register)) {
        (Some(our), Some(their)) if our == their => true,
        (Some(our), Some(their)) => {
            let is_part = |name: &str| name == "-" || name.contains('.');
            let is_elsewhere = theirs.contains(our) || ours.contains(their);
            !is_elsewhere && is_part(our) == is_part(their) && ours.len() == theirs.len()
        }
        (None, None) => true,
        _ => false,
    }
}
