//! Systems without filters.

use crate::errno::Errno;
use crate::filter::Instruction;

// Never seen: `InstallError::from_seccomp` returns `Unsupported` on these systems.
const UNSUPPORTED: Errno = Errno(0);

pub(crate) fn set_no_new_privs() -> Result<(), Errno> {
    Ok(())
}

pub(crate) fn set_filter(_: &'static [Instruction], _: u32) -> Result<i32, Errno> {
    Err(UNSUPPORTED)
}

pub(crate) fn probe(_: u32) -> Result<(), Option<Errno>> {
    Err(Some(UNSUPPORTED))
}

pub(crate) fn is_filtered() -> bool {
    false
}

#[cfg(feature = "report")]
pub(crate) fn handle_traps(_: &'static crate::report::Report) -> Result<(), Errno> {
    Ok(())
}
