//! `cargo xtask`: writes what is made by programs.

use std::path::Path;
use std::process::ExitCode;

use xtask::kernel;
use xtask::update::{read_into, update};

const USAGE: &str = "\
usage: cargo xtask tables                 write the compiler's tables from seccomp-compiler/data
       cargo xtask tables --kernel DIR    first read seccomp-compiler/data/kernel anew from the kernel source in DIR
       cargo xtask tables --kernel DIR --to DIR  only write what would be in data/kernel, into another folder
       cargo xtask tables --s390 DIR      first read the constants of s390 anew from the kernel source in DIR";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let compiler = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler");
    let updated = match arguments[..] {
        ["tables"] => update(&compiler, |_| Vec::new()),
        ["tables", "--kernel", folder] => update(&compiler, |data| kernel::extract(Path::new(folder), data)),
        ["tables", "--kernel", folder, "--to", other] => {
            read_into(Path::new(other), &compiler, |data| kernel::extract(Path::new(folder), data))
        }
        ["tables", "--s390", folder] => {
            update(&compiler, |data| kernel::s390_constants(Path::new(folder), data))
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match updated {
        Ok(missing) => {
            missing.iter().for_each(|missing| eprintln!("{missing}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
