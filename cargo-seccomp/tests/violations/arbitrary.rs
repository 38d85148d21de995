//! Anything may stand in a log: it ends, in order, and counts what it saw.

use cargo_seccomp::{Outcome, Output};
use proptest::prelude::*;

/// Runs the command in this process on a file of these bytes.
fn run(bytes: &[u8], format: &str) -> (Outcome, String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("log");
    std::fs::write(&path, bytes).expect("a file in it");
    let path = path.to_str().expect("a name of text");
    let (mut results, mut findings) = (Vec::new(), Vec::new());
    let arguments = ["cargo-seccomp", "violations", "--source", path, "--format", format];
    let outcome = cargo_seccomp::run(arguments, &mut Output::plain(&mut results, &mut findings));
    (outcome, String::from_utf8(results).expect("UTF-8"), String::from_utf8(findings).expect("UTF-8"))
}

/// Pieces of records, whole and broken, between arbitrary bytes.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static [u8]> = vec![
        b"type=1326 ",
        b"type=SECCOMP ",
        b"]: SECCOMP ",
        b"msg=audit(",
        b"audit(1.2:3): ",
        b"audit(9999999999999.999:4294967295): ",
        b"audit(18446744073709551615.999:18446744073709551615): ",
        b"arch=c000003e ",
        b"syscall=1 ",
        b"syscall=-1 ",
        b"code=0x0 ",
        b"code=0x80000000 ",
        b"comm=\"",
        b"comm=414",
        b"msg=audit(11/22/2026 10:00:00.100:78) : ",
        b"comm=a b",
        b" exe=/c d",
        b" sig=",
        b"code=0x50000AUID=",
        b"exe=\"/bin/a\" ",
        b"\x1d",
        b"\n",
        b"\r\n",
        b"=",
        b"\"",
        b"node=",
        b" ",
        b"auid=4294967295 ",
        b"AUID=\"unset\" ",
        b"SYSCALL=",
        b"ARCH=x86_64 ",
        b"kauditd_printk_skb: 99999999999999999999 callbacks suppressed",
        b"audit: audit_lost=18446744073709551615 ",
    ];
    let piece = prop_oneof![
        4 => proptest::sample::select(words).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop_oneof![text(), proptest::collection::vec(any::<u8>(), 0..400)]) {
        for format in ["table", "ecs", "json"] {
            let (outcome, results, findings) = run(&bytes, format);
            prop_assert_eq!(outcome, Outcome::Fine);
            let summary = findings.lines().last().unwrap_or_default();
            let records: usize = summary.split(' ').nth(1).and_then(|count| count.parse().ok()).expect("a count");
            if format != "table" {
                prop_assert_eq!(results.lines().count(), records);
                for line in results.lines() {
                    serde_json::from_str::<serde_json::Value>(line).expect("an object");
                }
            }
        }
    }
}
