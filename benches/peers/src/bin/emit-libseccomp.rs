//! The program for the policy on standard input, as bytes, at the level of the first argument.
use std::io::Read as _;

fn main() {
    let level = std::env::args().nth(1).and_then(|level| level.parse().ok()).unwrap_or(1);
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    let exported = peers::with_libseccomp::filter(&peers::read(&text), level)
        .and_then(|filter| filter.export_bpf(std::io::stdout()));
    std::process::exit(if exported.is_ok() { 0 } else { 2 });
}
