//! The fuzz targets on damaged seeds: as many as take about a second, the same in every run. `cargo +nightly fuzz run
//! NAME` looks for more.

use std::fs;

use oorandom::Rand32;
use seccomp_tests::corpus::texts;
use seccomp_tests::fuzz::{damaged, decode, edit, parse, prove};
use seccomp_tests::scratch::workspace;

fn on_damaged(seeds: &[Vec<u8>], count: usize, target: fn(&[u8])) {
    let mut random = Rand32::new(7);
    for _ in 0..count {
        target(&damaged(seeds, &mut random));
    }
}

#[test]
fn parse_holds_for_damaged_policies() {
    let seeds: Vec<Vec<u8>> = texts().into_iter().map(|(_, text)| text).collect();
    on_damaged(&seeds, 4000, parse);
}

#[test]
fn edit_holds_for_damaged_policies() {
    let seeds: Vec<Vec<u8>> = texts().into_iter().map(|(_, text)| text).collect();
    on_damaged(&seeds, 200, edit);
}

#[test]
fn prove_holds_for_changed_programs() {
    let seeds: Vec<Vec<u8>> = (0..15).map(|policy| [vec![policy], vec![0; 12]].concat()).collect();
    on_damaged(&seeds, 400, prove);
}

#[test]
fn decode_holds_for_damaged_logs() {
    let folder = workspace().join("seccomp-observe/tests/logs");
    let logs =
        fs::read_dir(folder).expect("the logs are there").map(|log| log.expect("it can be listed").path());
    let logs = logs.filter(|path| path.extension().is_none_or(|end| end != "jsonl"));
    let seeds: Vec<Vec<u8>> = logs.map(|path| fs::read(path).expect("a log can be read")).collect();
    on_damaged(&seeds, 500, decode);
}
