//! The policy in seccompiler's JSON, read when the program starts.
use seccompiler::TargetArch;

fn main() {
    let start = std::time::Instant::now();
    let json = include_bytes!(concat!(env!("BENCH_DATA"), "/policy.json"));
    let programs = seccompiler::compile_from_json(&json[..], TargetArch::x86_64).expect("it compiles");
    let installed = seccompiler::apply_filter_all_threads(&programs["main"]);
    peers::report(start);
    std::process::exit(i32::from(installed.is_err()));
}
