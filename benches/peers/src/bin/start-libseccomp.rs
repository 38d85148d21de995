//! The policy in libseccomp's calls. Numbers are given, so that no name is looked up. Its level is 1 unless the first
//! argument is another.
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
    let level = std::env::args().nth(1).and_then(|level| level.parse().ok()).unwrap_or(1);
    let filter = peers::with_libseccomp::filter(&policy::POLICY, level).expect("it compiles");
    filter.load().is_ok()
}
