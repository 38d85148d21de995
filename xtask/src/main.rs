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
    let compiler = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler");
    let data = compiler.join("data");
    let missing = match arguments[..] {
        ["tables"] => Vec::new(),
        ["tables", "--kernel", folder] => kernel::extract(Path::new(folder), &data),
        ["tables", "--constants", folder] => kernel::add_constants(Path::new(folder), &data),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    for missing in missing {
        eprintln!("{missing}");
    }
    for (path, text) in tables::generate(&data) {
        std::fs::write(compiler.join(tables::FOLDER).join(path), text).expect("the table can be written");
    }
    ExitCode::SUCCESS
}
