use seccomp_compiler::*;
fn main() {
    let mut a = std::env::args().skip(1);
    let f = a.next().unwrap();
    let file = SourceFile::new(f.clone(), std::fs::read(&f).unwrap());
    for arch in Architecture::all() {
        if let Some(only) = std::env::var("ARCH").ok() && only != arch.name() { continue }
        let t = std::time::Instant::now();
        match compile(&file, arch) {
            Ok(c) => { println!("{arch}: {} instructions {:?} {:?}", c.program.program().instructions.len(), c.program.proof(), t.elapsed());
                if std::env::var("ASM").is_ok() { println!("{}", c.program.program()); } print!("{}", c.warnings) }
            Err(d) => println!("{arch}:\n{d}"),
        }
    }
}
