//! The binary `cargo-seccomp`, which cargo runs for `cargo seccomp`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use cargo_seccomp::Output;

fn main() -> ExitCode {
    cargo_seccomp::run(std::env::args_os(), &mut Output::standard()).into()
}
