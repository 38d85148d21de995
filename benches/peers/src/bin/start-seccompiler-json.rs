//! The policy in seccompiler's JSON, read when the program starts.
use seccompiler::TargetArch;

fn main() {
    let start = std::time::Instant::now();
    let installed = installed();
    peers::report(start, installed);
}

#[inline(never)]
fn installed() -> bool {
    let json = include_bytes!(concat!(env!("BENCH_DATA"), "/policy.json"));
    let programs = seccompiler::compile_from_json(&json[..], TargetArch::x86_64).expect("it compiles");
    seccompiler::apply_filter_all_threads(&programs["main"]).is_ok()
}
