//! `cargo xtask`: writes what is made by programs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use xtask::{kernel, tables};

const USAGE: &str = "\
usage: cargo xtask tables                 write the compiler's tables from seccomp-compiler/data
       cargo xtask tables --kernel DIR    first read seccomp-compiler/data/kernel anew from the kernel source in DIR";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let source = match arguments[..] {
        ["tables"] => None,
        ["tables", "--kernel", folder] => Some(PathBuf::from(folder)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let compiler = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler");
    if let Some(source) = source {
        for missing in kernel::extract(&source, &compiler.join("data")) {
            eprintln!("{missing}");
        }
    }
    for (path, text) in tables::generate(&compiler.join("data")) {
        std::fs::write(compiler.join(tables::FOLDER).join(path), text).expect("the table can be written");
    }
    ExitCode::SUCCESS
}
