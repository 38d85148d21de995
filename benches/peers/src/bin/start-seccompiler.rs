//! The policy in the words of seccompiler's Rust interface.
use seccompiler::TargetArch;

mod policy {
    use peers::{Action, Condition, Entry, Policy};
    include!(concat!(env!("BENCH_DATA"), "/policy.rs"));
}

fn main() {
    let start = std::time::Instant::now();
    let installed = installed();
    peers::report(start, installed);
}

#[inline(never)]
fn installed() -> bool {
    let program = peers::with_seccompiler::program(&policy::POLICY, TargetArch::x86_64).expect("it compiles");
    seccompiler::apply_filter_all_threads(&program).is_ok()
}
