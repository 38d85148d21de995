//! The policy in the words of seccompiler's Rust interface.
mod policy {
    use peers::{Action, Condition, Entry, Policy};
    include!(concat!(env!("BENCH_DATA"), "/policy.rs"));
}

fn main() {
    let start = std::time::Instant::now();
    let program = peers::with_seccompiler::program(&policy::POLICY).expect("it compiles");
    let installed = seccompiler::apply_filter_all_threads(&program);
    peers::report(start);
    std::process::exit(i32::from(installed.is_err()));
}
