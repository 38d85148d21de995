//! The figures of BENCHMARKS.md.
mod calls;
mod contenders;
mod metrics;
mod policies;
use contenders::{CONTENDERS, Contender, histogram};
fn main() {
    let arch = policies::x86_64();
    contenders::write_data(policies::POLICIES[0].compiled(arch).unwrap().program.rules()).unwrap();
    let hist = histogram(arch);
    for c in CONTENDERS { if let Err(e) = c.build() { eprintln!("{e}"); } }
    for p in policies::POLICIES {
        let compiled = p.compiled(arch).unwrap();
        let classes = calls::classes(compiled.program.rules());
        for c in CONTENDERS {
            let Some(program) = c.program(compiled.program.rules(), compiled.program.program()) else { println!("{} {} none", p.title, c.name()); continue };
            let eq = c.equality(compiled.program.rules(), &program);
            let m = metrics::Metrics::of(&program, &classes, &hist);
                let e = |e: &metrics::Executed| format!("{:.2}/{}", e.mean(), e.worst());
                println!("{} {} {eq:?} len {:3} al {} ck {} ckref {} ref {} all {} hist {} inst {}", p.title, c.name(),m.length, e(&m.allowed), e(&m.checked), e(&m.checked_refused), e(&m.refused), e(&m.all_numbers), e(&m.histogram), m.at_install);
        }
    }
}
mod startup;
#[test]
fn x() {
    contenders::write_data(policies::POLICIES[0].compiled(policies::x86_64()).unwrap().program.rules()).unwrap();
    for s in startup::STARTERS { s.build().unwrap(); println!("{} {:?}", s.title, s.counted()); }
    let t = startup::times(&startup::STARTERS, 40);
    println!("{t:?}");
}
