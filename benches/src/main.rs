//! Writes BENCHMARKS.md and its chart: `cargo run --release -p benches`.
//!
//! The peers' code is in `benches/peers`, a separate package that this program builds when it runs. libseccomp needs its C
//! library (`libseccomp-dev`); Minijail needs python3 and a copy of its repository (`MINIJAIL_TOOLS=…/minijail/tools`);
//! counting needs valgrind, strace, strip and a C compiler. Whatever is missing is reported on standard error, and in the
//! text.
//!
//! `cargo run --release -p benches -- corpus` prints only the comparison over all policies and architectures. It fails if
//! no peer is installed, or if one is ahead in both, or shorter without ours being bound. `-- building` prints only what
//! building costs, `-- promises` only what promises add to that, and `-- scan` only what scans find in programs of this
//! machine, beside what strace sees them do; `-- scan FOLDER` looks at programs of the public registry, in the folder where
//! `cargo install` puts them.

mod asked;
mod building;
mod calls;
mod cargo;
mod chart;
mod contenders;
mod corpus;
mod cost;
mod expansion;
mod frontier;
mod live;
mod metrics;
mod policies;
mod report;
mod scanning;
mod startup;
mod text;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut section = String::new();
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("corpus") => {
            let (compared, holds) = corpus::section(&report::peers(&mut section));
            print!("{section}{compared}");
            return if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        Some("building") => {
            building::tables(&mut section);
            print!("{section}");
            return ExitCode::SUCCESS;
        }
        Some("promises") => {
            building::promises(&mut section);
            print!("{section}");
            return ExitCode::SUCCESS;
        }
        Some("scan") => {
            let folder = std::env::args_os().nth(2).map(std::path::PathBuf::from);
            return match scanning::tables(folder.as_deref()) {
                Ok(table) => {
                    print!("{table}");
                    ExitCode::SUCCESS
                }
                Err(error) => {
                    eprintln!("benches: {error}");
                    ExitCode::FAILURE
                }
            };
        }
        Some(other) => {
            eprintln!(
                "benches: unknown argument `{other}`: use `corpus`, `building`, `promises`, `scan`, or none for everything"
            );
            return ExitCode::FAILURE;
        }
    }
    let rules = policies::POLICIES[0].compiled(policies::x86_64());
    let data = rules.map(|compiled| text::write_data(compiled.rules(), &contenders::data()));
    match data.map(|written| written.and_then(|()| report::write())) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("benches: {error}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("benches: the first policy does not compile");
            ExitCode::FAILURE
        }
    }
}
