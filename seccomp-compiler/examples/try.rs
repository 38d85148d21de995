use seccomp_compiler::*;
fn main() {
    let mut a = std::env::args().skip(1);
    let f = a.next().unwrap();
    let file = SourceFile::new(f.clone(), std::fs::read(&f).unwrap());
    let mut sum = std::time::Duration::ZERO;
    for arch in Architecture::all() {
        if let Some(only) = std::env::var("ARCH").ok() && only != arch.name() { continue }
        let t = std::time::Instant::now();
        match compile(&file, arch) {
            Ok(c) => { let el = t.elapsed();
                let mut best = std::time::Duration::MAX;
                if std::env::var("TIME").is_ok() { for _ in 0..30 { let r = c.program.rules().clone(); let p = c.program.program().clone(); let t = std::time::Instant::now(); verify(r, p).unwrap(); best = best.min(t.elapsed()); } sum += best; }
                println!("{arch}: {} instructions {:?} {:?} verify {best:?}", c.program.program().instructions.len(), c.program.proof(), el);
                if std::env::var("ASM").is_ok() { println!("{}", c.program.program()); } print!("{}", c.warnings) }
            Err(d) => println!("{arch}: {:?}\n{d}", t.elapsed()),
        }
    }
    println!("{sum:?}");
}
