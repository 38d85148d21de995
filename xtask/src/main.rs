//! `cargo xtask`: writes what is made by programs.

use std::path::Path;
use std::process::ExitCode;

use xtask::{kernel, tables};

const USAGE: &str = "\
usage: cargo xtask tables                 write the compiler's tables from seccomp-compiler/data
       cargo xtask tables --kernel DIR    first read seccomp-compiler/data/kernel anew from the kernel source in DIR
       cargo xtask tables --constants DIR first add the constants that are missing in it from the kernel source in DIR";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let read: Option<(fn(&Path, &Path) -> Vec<String>, &str)> = match arguments[..] {
        ["tables"] => None,
        ["tables", "--kernel", folder] => Some((kernel::extract, folder)),
        ["tables", "--constants", folder] => Some((kernel::add_constants, folder)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let compiler = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler");
    if let Some((read, source)) = read {
        for missing in read(Path::new(source), &compiler.join("data")) {
            eprintln!("{missing}");
        }
    }
    for (path, text) in tables::generate(&compiler.join("data")) {
        std::fs::write(compiler.join(tables::FOLDER).join(path), text).expect("the table can be written");
    }
    ExitCode::SUCCESS
}
