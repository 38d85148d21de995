//! `cargo seccomp schema`: the JSON Schema of policies, for editors.

use crate::outcome::{Failure, Outcome};
use crate::output::Output;

pub(crate) fn run(output: &mut Output<'_>) -> Result<Outcome, Failure> {
    output.bytes(seccomp_compiler::schema().as_bytes())?;
    Ok(Outcome::Fine)
}
