//! What a program says of the calls that its filter traps, and what it does then.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

const DIES: &str = env!("CARGO_BIN_EXE_report-dies");
const EXITS: &str = env!("CARGO_BIN_EXE_report-exits");
const UNLISTED: &str = env!("CARGO_BIN_EXE_report-unlisted");
const GOES_ON: &str = env!("CARGO_BIN_EXE_report-goes-on");

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().expect("the program starts")
}

/// The lines of a text without what differs from run to run: threads and addresses.
fn lines(text: &[u8]) -> Vec<String> {
    let lines = core::str::from_utf8(text).expect("reports are text").lines();
    lines
        .map(|line| {
            let Some((said, rest)) = line.split_once(" (thread ") else { return line.to_owned() };
            let (thread, rest) = rest.split_once(", ip ").expect("a thread and an address");
            let (address, why) = rest.split_once(')').expect("the parenthesis is closed");
            let (_, address) = address.rsplit_once("0x").expect("an address");
            assert_ne!(thread.parse(), Ok(0), "{line}");
            assert_ne!(u64::from_str_radix(address, 16), Ok(0), "{line}");
            format!("{said}{why}")
        })
        .collect()
}

const GETPPID: &str = "seccomp: getppid() refused by policies/report.yaml:5; see seccomp_runtime::refused";

#[test]
fn a_program_that_keeps_to_its_policy_reports_nothing() {
    let ran = run(DIES, &[]);
    assert_eq!((ran.status.code(), &ran.stderr[..]), (Some(0), &b""[..]));
    assert_eq!(ran.stdout, b"main runs\nmain goes on\n");
}

#[test]
fn a_trapped_call_is_reported_and_the_process_dies_as_without_a_handler() {
    let ran = run(DIES, &["getppid"]);
    assert_eq!(ran.status.signal(), Some(libc::SIGSYS), "{ran:?}");
    assert_eq!((lines(&ran.stderr), &ran.stdout[..]), (vec![GETPPID.to_owned()], &b""[..]));
}

/// Where the kernel has lost that argument, the call must not be made again with what is there instead.
#[test]
fn a_process_dies_of_a_call_that_its_first_argument_decides() {
    let ran = run(DIES, &["socket"]);
    assert_eq!(ran.status.signal(), Some(libc::SIGSYS), "{ran:?}");
    let said = lines(&ran.stderr);
    assert_eq!((said.clone(), &ran.stdout[..]), (vec![socket("AF_PACKET", &said)], &b""[..]));
}

/// What is said of a refused socket(2).
fn socket(family: &str, said: &[String]) -> String {
    refused("socket", family, "15, 0", "policies/report.yaml:7", said)
}

/// What is said of a refused call, on s390x without the first argument if the kernel has lost it.
fn refused(call: &str, first: &str, others: &str, by: &str, said: &[String]) -> String {
    if cfg!(target_arch = "s390x") && said.iter().any(|line| line.contains("(lost")) {
        let what = "a condition on the lost argument, or another filter";
        return format!("seccomp: {call}(lost, {others}) refused by {what}; see seccomp_runtime::refused");
    }
    format!("seccomp: {call}({first}, {others}) refused by {by}; see seccomp_runtime::refused")
}

/// The registers are those of the other ABI, and so are the names.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_call_of_i386_is_reported_and_made_again_as_such() {
    let ran = run(DIES, &["int80"]);
    assert_eq!(ran.status.signal(), Some(libc::SIGSYS), "{ran:?}");
    assert_eq!((lines(&ran.stderr), &ran.stdout[..]), (vec![GETPPID.to_owned()], &b""[..]));
}

/// It is not known what that filter says to the call made again, so it is not made.
#[test]
fn a_call_that_another_filter_traps_is_reported_as_such_and_ends_the_process() {
    let ran = run(DIES, &["other"]);
    assert_eq!(ran.status.signal(), Some(libc::SIGSYS), "{ran:?}");
    let said = lines(&ran.stderr);
    assert_eq!(said, [refused("ioctl", "-1", "0, 0", "another filter", &said)]);
    assert_eq!(ran.stdout, b"");
}

/// As `seccomp_runtime::refused` says.
#[test]
fn a_shell_says_bad_system_call_and_status_159() {
    let Ok(ran) = Command::new("sh").args(["-c", "\"$0\" getppid; exit $?", DIES]).output() else {
        seccomp_tests::skipped("there is no shell");
        return;
    };
    let status = if libc::SIGSYS == 31 { 159 } else { 128 + libc::SIGSYS };
    assert_eq!(ran.status.code(), Some(status), "{ran:?}");
    let said = String::from_utf8(ran.stderr).expect("reports are text");
    assert!(said.to_ascii_lowercase().contains("bad system call"), "{said}");
}

#[test]
fn threads_report_side_by_side_in_whole_lines() {
    let ran = run(DIES, &["threads"]);
    assert_eq!(ran.status.signal(), Some(libc::SIGSYS), "{ran:?}");
    let said = lines(&ran.stderr);
    assert!(!said.is_empty() && said.len() <= 8 && said.iter().all(|line| line == GETPPID), "{said:?}");
}

#[test]
fn a_signal_that_no_filter_sent_ends_the_process_without_a_report() {
    let ran = run(DIES, &["raise"]);
    assert_eq!((ran.status.code(), &ran.stderr[..]), (Some(128 + libc::SIGSYS), &b""[..]), "{ran:?}");
}

/// The thread must not go on, let alone with SIGSYS blocked.
#[test]
fn a_signal_that_the_process_forged_ends_it() {
    let ran = run(DIES, &["forged"]);
    assert_eq!((ran.status.signal(), &ran.stdout[..]), (Some(libc::SIGSYS), &b""[..]), "{ran:?}");
}

#[test]
fn a_process_ends_although_a_filter_fakes_the_calls_that_end_it() {
    let ran = run(DIES, &["faked"]);
    assert_eq!((ran.status.code(), &ran.stdout[..]), (Some(128 + libc::SIGSYS), &b""[..]), "{ran:?}");
}

/// The kernel returns from such a call at once, so that it cannot be made again where the thread is.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_call_by_the_vsyscall_page_is_reported_and_the_process_dies() {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("it can be read");
    if !maps.contains("[vsyscall]") {
        seccomp_tests::skipped("this kernel has no vsyscall page");
        return;
    }
    let ran = run(DIES, &["vsyscall"]);
    assert_eq!(ran.status.signal(), Some(libc::SIGSYS), "{ran:?}");
    assert_eq!(
        lines(&ran.stderr),
        ["seccomp: time(0) refused by policies/report.yaml:27; see seccomp_runtime::refused"]
    );
    assert_eq!(ran.stdout, b"");
}

#[test]
fn a_program_may_exit_instead() {
    let ran = run(EXITS, &[]);
    assert_eq!((ran.status.code(), lines(&ran.stderr)), (Some(3), vec![GETPPID.to_owned()]), "{ran:?}");
}

#[test]
fn a_program_may_go_on_with_an_error_and_have_reports_of_its_own() {
    let ran = run(GOES_ON, &[]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let said = lines(&ran.stderr);
    let sockets = ["AF_PACKET", "4711"].map(|family| socket(family, &said));
    let none = if sockets[0].contains("lost") { "lost" } else { "-1" };
    let at = |line: &str| format!("refused by policies/report.yaml:{line}; see seccomp_runtime::refused");
    let ioctl = format!("seccomp: ioctl({none}, TIOCSTI, 0) {}", at("12"));
    let fchmodat = format!("seccomp: fchmodat({none}, 0, 02755) {}", at("20"));
    let mut expected = vec![GETPPID, &sockets[0], &sockets[1], &ioctl, &fchmodat];
    if cfg!(target_arch = "x86_64") {
        expected.push(GETPPID);
    }
    expected.push(GETPPID);
    assert_eq!(said, expected);
    let printed = lines(&ran.stdout);
    let (results, reports): (Vec<_>, Vec<_>) =
        printed.iter().filter(|line| !line.is_empty()).partition(|line| !line.starts_with("seccomp: "));
    assert_eq!(
        reports,
        expected[1..].iter().collect::<Vec<_>>(),
        "the descriptor was there from the second on"
    );
    let refused = format!("Err(Errno({}))", libc::E2BIG);
    let open = format!("Err(Errno({}))", libc::EBADF);
    let mut wanted = vec![
        format!("getppid: {refused}"),
        format!("socket: {refused}"),
        format!("socket: {refused}"),
        format!("ioctl: {refused}"),
        format!("ioctl: {open}"),
        format!("fchmodat: {refused}"),
    ];
    if cfg!(target_arch = "x86_64") {
        wanted.push(format!("int 0x80: {}", -libc::E2BIG));
    }
    assert_eq!(results, wanted.iter().collect::<Vec<_>>());
}

#[test]
fn a_call_that_is_not_listed_is_reported_with_what_to_add() {
    let ran = run(UNLISTED, &[]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let said = lines(&ran.stderr);
    let unlisted = |call: &str, name: &str| {
        let place = "refused by policies/unlisted.yaml:1: not listed, so `default_action` decides";
        format!("seccomp: {call} {place}; to allow it, add `{name}` to the names at policies/unlisted.yaml:5")
    };
    let mut expected = vec![
        unlisted("getppid()", "getppid"),
        unlisted("mknodat(AT_FDCWD, 0, 010600, 0)", "mknodat"),
        "seccomp: socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) refused by policies/unlisted.yaml:1: only listed with \
         other arguments (policies/unlisted.yaml:7), so `default_action` decides"
            .to_owned(),
        "seccomp: call 4000 refused by policies/unlisted.yaml:2: newer than Linux 7.2, so `newer_syscalls` decides"
            .to_owned(),
    ];
    if cfg!(target_arch = "s390x") && said.iter().any(|line| line.contains("(lost")) {
        expected[1] = expected[1].replace("AT_FDCWD", "lost");
        let what = "a condition on the lost argument, or another filter";
        expected[2] = format!(
            "seccomp: socket(lost, SOCK_STREAM|SOCK_CLOEXEC, 0) refused by {what}; see seccomp_runtime::refused"
        );
    }
    assert_eq!(said, expected);
}

/// The instruction before the address in the program's file is the one that made the call.
#[cfg(target_arch = "x86_64")]
#[test]
fn an_address_within_a_file_is_said_as_one_in_that_file() {
    const INT_80: [u8; 2] = [0xcd, 0x80];
    let ran = run(DIES, &["int80"]);
    let line = String::from_utf8(ran.stderr).expect("reports are text");
    let (_, address) = line.split_once("ip report-dies+0x").expect("the program and an address");
    let (address, _) = address.split_once(')').expect("the parenthesis is closed");
    let address = usize::from_str_radix(address, 16).expect("a hexadecimal number");
    let file = std::fs::read(DIES).expect("the program can be read");
    let number = |at: usize| {
        usize::try_from(u64::from_le_bytes(file[at..at + 8].try_into().expect("8 bytes"))).expect("it fits")
    };
    // The program headers of an ELF file of 64 bits: offset, address and size of each segment.
    let headers = (0..usize::from(file[56])).map(|index| number(32) + 56 * index);
    let mut segments = headers.map(|at| (number(at + 8), number(at + 16), number(at + 32)));
    let (offset, start, _) = segments
        .find(|(_, start, size)| file.len() > *size && (*start..start + size).contains(&address))
        .expect("a segment has the address");
    let end = offset + address - start;
    assert_eq!(file[end - 2..end], INT_80);
}
