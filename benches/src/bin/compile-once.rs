//! Compiles one policy for one architecture, as often as asked: what a macro does, to be counted under callgrind or
//! timed. Macros are built without optimisation, and so is this for that.

use seccomp_compiler::{Architecture, Compiler, SourceFile};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(policy), Some(architecture)) = (arguments.next(), arguments.next()) else { return };
    let times: usize = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1);
    let architecture = Architecture::find(&architecture);
    if let (Ok(text), Some(architecture)) = (std::fs::read(&policy), architecture) {
        let file = SourceFile::new(policy, text);
        let failed = (0..times).any(|_| Compiler::for_architecture(architecture).compile(&file).is_err());
        std::process::exit(i32::from(failed));
    }
}
