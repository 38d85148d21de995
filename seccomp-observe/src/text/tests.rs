use super::Text;
use crate::record::Violation;

const START: &str = "type=SECCOMP msg=audit(1.000:1): pid=1 comm=\"a\" arch=c000003e";
const END: &str = "syscall=41 code=0x50000";

fn violations(lines: &[&str], is_live: bool) -> Vec<Violation> {
    let mut text = Text::new(None, is_live);
    let mut all = Vec::new();
    for line in lines {
        text.line(line.as_bytes(), &mut |violation| all.push(violation));
    }
    text.finish(&mut |violation| all.push(violation));
    all
}

fn understood(lines: &[&str]) -> Vec<bool> {
    violations(lines, false).iter().map(|violation| violation.gap().is_none()).collect()
}

#[test]
fn a_broken_record_is_joined_and_nothing_else_is() {
    assert_eq!(understood(&[START, END]), [true]);
    assert_eq!(understood(&[START, "", END]), [false]);
    assert_eq!(understood(&[START, "usb 1-1: new device code=1", END]), [false]);
    assert_eq!(understood(&[START, &format!("type=SYSCALL msg=audit(1.000:2): {END}")]), [false]);
    assert_eq!(understood(&[&format!("{START} {END}"), &format!("{START} {END}")]), [true, true]);
    assert_eq!(understood(&[END, START]), [false]);
    // No line of a text that was broken is this long.
    assert_eq!(understood(&[&format!("{START}{:200}", " "), END]), [false]);
}

#[test]
fn a_whole_record_does_not_wait_for_the_next_line() {
    let mut text = Text::new(None, true);
    let mut count = 0;
    text.line(format!("{START} {END}").as_bytes(), &mut |_| count += 1);
    assert_eq!(count, 1);
    assert!(!text.is_open());
}

#[test]
fn an_architecture_can_be_assumed() {
    let hint = seccomp_compiler::Architecture::find("aarch64");
    let mut text = Text::new(hint, true);
    let mut calls = Vec::new();
    for arch in ["", "arch=c000003e "] {
        let line = format!("type=SECCOMP msg=audit(1.0:1): pid=1 {arch}syscall=198 code=0x0");
        text.line(line.as_bytes(), &mut |violation| calls.push(violation.syscall));
    }
    assert_eq!(calls, [Some("socket".to_owned()), Some("lremovexattr".to_owned())]);
}

#[test]
fn nothing_is_made_of_a_record_that_is_cut_off() {
    let record = "type=SECCOMP msg=audit(1.000:1): uid=1000 pid=4711 comm=\"server\" exe=2F62696E2F61 sig=31 arch=c000003e syscall=257 \
                  ip=0x7f00 code=0x80000000";
    let whole = &violations(&[record], false)[0];
    assert!(whole.gap().is_none());
    for end in "type=SECCOMP ".len()..record.len() {
        for cut in violations(&[&record[..end]], false) {
            assert!(cut.gap().is_some(), "{}", &record[..end]);
            assert!(cut.pid.is_none() || cut.pid == whole.pid, "{}", &record[..end]);
            assert!(cut.thread.is_none() || cut.thread == whole.thread, "{}", &record[..end]);
            assert!(cut.executable.is_none() || cut.executable == whole.executable, "{}", &record[..end]);
            assert!(cut.number.is_none() || cut.number == whole.number, "{}", &record[..end]);
            assert!(cut.serial.is_none() || cut.serial == whole.serial, "{}", &record[..end]);
            assert!(cut.user.is_none() || cut.user == whole.user, "{}", &record[..end]);
        }
    }
}

/// `ausearch --interpret` names the calls of an architecture that it does not know as its own machine does.
#[test]
fn a_call_that_is_named_by_the_wrong_table_is_found_by_its_number() {
    let Some(host) = seccomp_compiler::Architecture::host() else { return };
    let riscv = seccomp_compiler::Architecture::find("riscv64").expect("it is in the table");
    let number = host.syscall_number("socket").expect("it has one");
    let line = "type=SECCOMP msg=audit(1 1:1) : pid=1 comm=a exe=/a sig=SIG0 arch=unknown-elf-type(c00000f3) syscall=socket ip=0x1 code=errno";
    let violation = violations(&[line], false).remove(0);
    assert_eq!((violation.number, violation.syscall.as_deref()), (Some(number), riscv.syscall_name(number)));
}

const NAME: &str = "x\"\n type=1326 audit(1.2:3): pid=4 arch=c000003e syscall=41 code=0x0";

/// Programs choose their own names, which journald keeps as they are beside the kernel's record.
#[test]
fn a_field_of_the_journal_cannot_forge_a_record() {
    let record = "SECCOMP auid=1 pid=1 comm=78 arch=c000003e syscall=41 code=0x50000";
    let length: String = NAME.len().to_le_bytes().map(char::from).into_iter().collect();
    let export = format!("_BOOT_ID=1\n_EXE\n{length}{NAME}\n_CMDLINE\n{length}{NAME}\nMESSAGE={record}\n\n");
    let verbose = format!(
        "Mon [s=1]\n    _BOOT_ID=1\n    _EXE={}\n    MESSAGE={record}\n",
        NAME.replace('\n', "\n         ")
    );
    for journal in [export, verbose] {
        let lines: Vec<&str> = journal.split('\n').collect();
        let all = violations(&lines, false);
        assert_eq!(all.len(), 1, "{journal}");
        assert_eq!(all[0].thread.as_deref(), Some("x"));
    }
}

#[test]
fn a_binary_message_is_read_whatever_its_length() {
    for filler in 0..600 {
        let message = format!(
            "SECCOMP auid=1 pid=1 arch=c000003e syscall=41 {} code=0x50000\nmore",
            "x".repeat(filler)
        );
        let mut journal = b"_BOOT_ID=1\nMESSAGE\n".to_vec();
        journal.extend(message.len().to_le_bytes());
        journal.extend(message.as_bytes());
        journal.extend(b"\n_AUDIT_ID=7\n\n");
        let mut text = Text::new(None, false);
        let mut serials = Vec::new();
        for line in journal.split(|byte| *byte == b'\n') {
            text.line(line, &mut |violation| serials.push((violation.serial, violation.gap())));
        }
        assert_eq!(serials, [(Some(7), None)], "{filler}");
    }
}
