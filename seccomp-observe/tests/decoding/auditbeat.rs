//! Auditbeat's own library, go-libaudit: of the same records it makes the same events, but for what docs/violations.md
//! lists.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use seccomp_compiler::Architecture;
use serde_json::{Value, json};

use crate::read;

/// Names in Auditbeat's tables that are not the kernel's, with the kernel's.
const OTHER_NAMES: [(&str, &str); 15] = [
    ("fadvise64_64", "arm_fadvise64_64"),
    ("fstatat64", "newfstatat"),
    ("getdents", "getdents64"),
    ("llseek", "_llseek"),
    ("madvise1", "madvise"),
    ("newfstat", "fstat"),
    ("newselect", "_newselect"),
    ("perf_counter_open", "perf_event_open"),
    ("pread", "pread64"),
    ("pwrite", "pwrite64"),
    ("sched_rr_get_interval64", "sched_rr_get_interval_time64"),
    ("sync_file_range", "arm_sync_file_range"),
    ("sys_kexec_load", "kexec_load"),
    ("sysctl", "_sysctl"),
    ("timerfd", "timerfd_create"),
];

/// A record of each call of each architecture that has filters, with several programs, users and actions among them.
fn every_call() -> String {
    let mut log = String::new();
    let mut serial = 0_usize;
    for architecture in Architecture::all() {
        for number in architecture.table().filter(|number| architecture.syscall_name(*number).is_some()) {
            serial += 1;
            writeln!(
                log,
                "type=SECCOMP msg=audit(1763888400.802:{serial}): auid={} uid=33 gid=33 ses={} \
                 subj=system_u:system_r:httpd_t:s0 pid={serial} comm=\"work\" exe={} sig={} arch={:x} syscall={number} \
                 compat={} ip=0x7f12 code={}",
                [1000, 4_294_967_295_u32][serial % 2],
                [4, 4_294_967_295_u32][serial % 2],
                ["\"/usr/bin/server\"", "\"/usr/bin/python3.11\"", "2F6120622F63"][serial % 3],
                if serial.is_multiple_of(2) { 0 } else { architecture.sigsys().unwrap_or(31) },
                architecture.audit(),
                serial % 2,
                ["0x0", "0x80000000", "0x50000", "0x30000", "0x7ffc0000"][serial % 5],
            )
            .expect("a string can be written");
        }
    }
    log
}

/// What the library makes of these records. It is built in the folder of its source.
fn of_auditbeat(log: &str) -> Vec<Value> {
    let source = std::env::var_os("GO_LIBAUDIT").expect("GO_LIBAUDIT is the folder of go-libaudit's source");
    let main = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/auditbeat/main.go");
    let mut library = Command::new("go")
        .args(["run", main])
        .current_dir(source)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("go runs");
    let mut input = library.stdin.take().expect("a pipe");
    let log = log.to_owned();
    let writer = std::thread::spawn(move || input.write_all(log.as_bytes()));
    let output = library.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads everything");
    let lines = str::from_utf8(&output.stdout).expect("UTF-8").lines();
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// What both say in their own ways, in pairs; a field that is not set counts as missing, as Auditbeat leaves it out.
fn pairs<'a>(theirs: &'a Value, ours: &'a Value) -> Vec<(&'static str, Value, Value)> {
    let set = |value: &'a Value| if *value == "unset" { &Value::Null } else { value };
    let text =
        |value: &Value| value.as_u64().map_or_else(|| value.clone(), |number| json!(number.to_string()));
    let (summary, data) = (&ours["auditd"]["summary"], &ours["auditd"]["data"]);
    let of = |name, theirs: &Value, ours: &Value| (name, theirs.clone(), text(ours));
    let mut pairs = vec![
        of("result", &theirs["result"], &ours["auditd"]["result"]),
        of("session", set(&theirs["session"]), &ours["auditd"]["session"]),
        of("how", &theirs["summary"]["how"], &summary["how"]),
        of("action", &theirs["summary"]["action"], &ours["event"]["action"]),
        of("object", &theirs["summary"]["object"]["type"], &summary["object"]["type"]),
        of("primary", &theirs["summary"]["actor"]["primary"], &summary["actor"]["primary"]),
        of("secondary", &theirs["summary"]["actor"]["secondary"], &summary["actor"]["secondary"]),
        of("audit id", set(&theirs["user"]["ids"]["auid"]), &ours["user"]["audit"]["id"]),
        of("user", &theirs["user"]["ids"]["uid"], &ours["user"]["id"]),
        of("group", &theirs["user"]["ids"]["gid"], &ours["user"]["group"]["id"]),
        of("selinux", &theirs["user"]["selinux"], &ours["user"]["selinux"]),
        of("pid", &theirs["process"]["pid"], &ours["process"]["pid"]),
        of("name", &theirs["process"]["name"], &ours["process"]["name"]),
        of("executable", &theirs["process"]["exe"], &ours["process"]["executable"]),
    ];
    pairs.extend(["code", "compat", "ip"].map(|key| of(key, &theirs["data"][key], &data[key])));
    // Its names of signals are those of x86_64, where number 12 is SIGUSR2.
    let sigsys = if theirs["data"]["sig"] == "SIGUSR2" { &json!("SIGSYS") } else { &theirs["data"]["sig"] };
    pairs.push(of("sig", sigsys, &data["sig"]));
    pairs
}

/// Whether the names of architecture and call are the same, or ours is one of those that docs/violations.md explains.
fn is_same_call(theirs: &Value, ours: &Value) -> bool {
    let [theirs_arch, ours_arch] = [&theirs["data"]["arch"], &ours["auditd"]["data"]["arch"]];
    let has_arch = theirs_arch == ours_arch
        || theirs_arch.as_str().is_some_and(|name| name.starts_with("unknown[") && ours_arch.is_string());
    let [call, own] = [&theirs["data"]["syscall"], &ours["auditd"]["data"]["syscall"]];
    let (Some(call), Some(own)) = (call.as_str(), own.as_str()) else { return false };
    let is_number = call.bytes().all(|byte| byte.is_ascii_digit());
    let primary = (&theirs["summary"]["object"]["primary"], &ours["auditd"]["summary"]["object"]["primary"]);
    let has_name = is_number && !own.bytes().all(|byte| byte.is_ascii_digit())
        || call == own
        || OTHER_NAMES.contains(&(call, own));
    let is_classified_alike = ["category", "type"].iter().all(|key| theirs[key] == ours["event"][key]);
    has_arch && has_name && primary == (&json!(call), &json!(own)) && (call != own || is_classified_alike)
}

#[test]
#[ignore = "it builds Auditbeat's library, which needs Go and its source"]
fn events_are_those_of_auditbeat_but_for_the_documented_differences() {
    let log = every_call();
    let theirs = of_auditbeat(&log);
    let (_, output) = read(log.as_bytes(), "ecs");
    let ours: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(ours.len() > 8_000 && ours.len() == theirs.len(), "{} and {}", ours.len(), theirs.len());
    let mut wrong = Vec::new();
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let differs = pairs(theirs, ours).into_iter().find(|(_, theirs, ours)| theirs != ours);
        if differs.is_some() || !is_same_call(theirs, ours) {
            wrong.push(format!("{differs:?}\n{theirs}\n{ours}"));
        }
    }
    eprintln!(
        "{} of {} events are the same but for what is documented",
        ours.len() - wrong.len(),
        ours.len()
    );
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(10)].join("\n"));
}
