#![deny(warnings)]
use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
fn main() -> Result<(), u8> { answer() }

fn answer() -> Result<(), u8> {
    Ok(())
}
