use super::{Record, Value, records};

fn keys(record: &Record<'_>) -> Vec<String> {
    record.fields().map(|field| String::from_utf8_lossy(field.key).into_owned()).collect()
}

#[test]
fn a_record_is_found_after_any_prefix() {
    for prefix in [
        "",
        "<6>[   12.345678] ",
        "[Sun Nov 22 10:00:00 2026] ",
        "6,812,3456789,-;",
        "Nov 22 10:00:00 db kernel: ",
    ] {
        let line = format!("{prefix}audit: type=1326 audit(1.002:3): auid=0 pid=4");
        let all: Vec<_> = records(line.as_bytes()).collect();
        assert_eq!(all.len(), 1, "{line}");
        assert_eq!(
            (all[0].stamp, keys(&all[0])),
            (Some(b"1.002:3".as_slice()), vec!["auid".into(), "pid".into()])
        );
    }
}

#[test]
fn records_on_one_line_end_where_the_next_begins() {
    let line = b"type=SECCOMP msg=audit(1.2:3): auid=0 pid=4 node=far type=SECCOMP msg=audit(1.2:4): auid=1";
    let all: Vec<_> = records(line).collect();
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].node, keys(&all[0]).len()), (None, 3));
    assert_eq!((all[1].node, all[1].stamp), (Some(b"far".as_slice()), Some(b"1.2:4".as_slice())));
}

#[test]
fn a_name_is_not_taken_for_a_record() {
    let line = br#"type=SECCOMP msg=audit(1.2:3): comm="type=1326" exe="/type=SECCOMP" xtype=1326 pid=4"#;
    let all: Vec<_> = records(line).collect();
    assert_eq!(all.len(), 1);
    assert_eq!(keys(&all[0]), ["comm", "exe", "xtype", "pid"]);
    assert_eq!(records(b"type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=1326 x=1").count(), 0);
}

#[test]
fn auditds_names_are_not_part_of_the_last_value() {
    let line = b"type=SECCOMP msg=audit(1.2:3): comm=\"a b=c\" code=0x0\x1dARCH=x86_64 AUID=\"unset\"";
    let record = records(line).next().expect("a record");
    let values: Vec<_> = record.fields().map(|field| field.value).collect();
    let expected: [Value<'_>; 4] =
        [Value::Quoted(b"a b=c"), Value::Bare(b"0x0"), Value::Bare(b"x86_64"), Value::Quoted(b"unset")];
    assert_eq!(values, expected);
}

#[test]
fn nor_are_they_without_the_separator() {
    let line = b"type=SECCOMP msg=audit(1.2:3): code=0x80000000AUID=\"ada\" UID=\"ada\"";
    let record = records(line).next().expect("a record");
    assert_eq!(keys(&record), ["code", "AUID", "UID"]);
    assert_eq!(record.fields().next().map(|field| field.value), Some(Value::Bare(b"0x80000000")));
}

#[test]
fn names_in_interpreted_records_may_contain_anything() {
    for (comm, exe) in [("media worker", "/bin/my prog"), ("\"a", "/b sig=0 code=log exe=/c"), ("a", "/b")] {
        let line =
            format!("type=SECCOMP msg=audit(today 1.2:3) : comm={comm} exe={exe} sig=SIGSYS code=trap");
        let record = records(line.as_bytes()).next().expect("a record");
        assert_eq!(keys(&record), ["comm", "exe", "sig", "code"]);
        let values: Vec<_> = record.fields().map(|field| field.value).take(2).collect();
        assert_eq!(values, [Value::Interpreted(comm.as_bytes()), Value::Interpreted(exe.as_bytes())]);
    }
}

#[test]
fn a_record_may_end_anywhere() {
    let line = b"type=SECCOMP msg=audit(1.2:3): auid=0 comm=\"a\" exe=\"/bin/b\" arch=c000003e code=0x0";
    for end in 0..line.len() {
        for record in records(&line[..end]) {
            assert!(record.fields().count() <= 5);
        }
    }
}

#[test]
fn two_reasons_in_one_record_are_one_record() {
    let line = b"   type=1701 audit(1.2:3): reason=\"seccomp\" reason=\"seccomp\" code=0x0 type=1326 audit(1.2:4): reason=\"seccomp\"";
    let stamps: Vec<_> = records(line).map(|record| record.stamp).collect();
    assert_eq!(stamps, [Some(b"1.2:3".as_slice()), Some(b"1.2:4".as_slice())]);
}
