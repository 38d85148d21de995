//! Writes BENCHMARKS.md and its chart: `cargo run --release -p benches`.
//!
//! The peers' code is in `benches/peers`, a package apart that this one builds when it runs: libseccomp needs its C
//! library there (`libseccomp-dev`), and counting needs valgrind, strace and a C compiler. What is missing is said loudly.

mod calls;
mod chart;
mod contenders;
mod cost;
mod metrics;
mod policies;
mod report;
mod startup;

use std::process::ExitCode;

fn main() -> ExitCode {
    let rules = policies::POLICIES[0].compiled(policies::x86_64());
    let data = rules.map(|compiled| contenders::write_data(compiled.program.rules()));
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
