//! The program for the policy on standard input, as bytes, at the level of the first argument; the numbers of calls that
//! the library does not know, each on a line of standard error.
use std::io::Read as _;

use peers::with_libseccomp::{architecture, filter, filter_for};

fn main() {
    let level = std::env::args().nth(1).and_then(|level| level.parse().ok()).unwrap_or(1);
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    let (policy, name) = peers::read(&text);
    let Some(other) = architecture(name) else { std::process::exit(2) };
    let made = if name == std::env::consts::ARCH {
        filter(&policy, level).map(|filter| (filter, Vec::new()))
    } else {
        filter_for(&policy, level, other)
    };
    let Some((filter, unknown)) = made else { std::process::exit(2) };
    for entry in unknown {
        eprintln!("unknown {}", entry.number);
    }
    std::process::exit(if filter.export_bpf(std::io::stdout()).is_ok() { 0 } else { 2 });
}
