//! A log may contain anything: reading it ends, and counts what was read.

use proptest::prelude::*;

use crate::{count, read};

/// Pieces of records, whole and broken, among arbitrary bytes.
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
        b"MESSAGE=SECCOMP auid=1 ",
        b"MESSAGE\n",
        b"_AUDIT_ID=3\n",
        b"{\"message\":\"",
        b"\\\"",
        b"\"}",
        b"message repeated 3 times: [ ",
        b"unknown-syscall(451)",
        b"reason=\"seccomp\" ",
        b"type=1701 ",
        b"> ",
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
        for format in ["table", "ecs", "json", "prometheus"] {
            let (reading, output) = read(&bytes, format);
            if matches!(format, "ecs" | "json") {
                prop_assert_eq!(count(&output), reading.tally().records());
            }
        }
    }
}
