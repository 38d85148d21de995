//! The kernel itself: real violations appear once, immediately and decoded, and losses in a burst are counted.
//!
//! Without permission to read the kernel's records these tests are skipped, with a message.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getppid};
use seccomp_runtime::{Filter, include_policy};
use serde_json::Value;

use crate::harness::Folder;

macro_rules! filters {
    ($($name:literal $policy:literal,)*) => {
        static FILTERS: &[(&str, &Filter)] = &[$(($name, {
            static FILTER: Filter = include_policy!(yaml = $policy);
            &FILTER
        })),*];
    };
}

filters! {
    "log" "{default_action: allow, syscalls: [{action: log, names: [getppid]}]}",
    "errno" "{default_action: allow, flags: [log], syscalls: [{action: errno(EXDEV), names: [getppid]}]}",
    "trap" "{default_action: allow, flags: [log], syscalls: [{action: trap, names: [getppid]}]}",
    "trace" "{default_action: allow, flags: [log], syscalls: [{action: trace, names: [getppid]}]}",
    "user_notif" "{default_action: allow, flags: [log], syscalls: [{action: user_notif, names: [getppid]}]}",
    "kill_process" "{default_action: allow, syscalls: [{action: kill_process, names: [getppid]}]}",
    "kill_thread" "{default_action: allow, syscalls: [{action: kill_thread, names: [getppid]}]}",
    "silent errno" "{default_action: allow, syscalls: [{action: errno, names: [getppid]}]}",
    "silent trap" "{default_action: allow, syscalls: [{action: trap, names: [getppid]}]}",
    "silent trace" "{default_action: allow, syscalls: [{action: trace, names: [getppid]}]}",
    "silent user_notif" "{default_action: allow, syscalls: [{action: user_notif, names: [getppid]}]}",
}

/// Not a test but the program that the tests start, to violate a filter. `VIOLATE` is the name of the filter and how often
/// to violate it.
#[test]
#[ignore = "the other tests start it"]
fn violator() {
    let wanted = std::env::var("VIOLATE").unwrap_or_default();
    let (name, times) = wanted.rsplit_once(' ').expect("a filter and a number");
    let (_, filter) = FILTERS.iter().find(|(known, _)| *known == name).expect("a filter");
    let times: u32 = times.parse().expect("a number");
    let violating = thread::spawn(move || {
        filter.install_on_current_thread().expect("filters can be installed");
        for _ in 0..times {
            getppid();
        }
    });
    // A killed thread cannot be joined: nothing announces its end.
    while !violating.is_finished() && times > 1 {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(200));
}

/// Runs the violator to its end, and returns its process ID.
fn violate(name: &str, times: u32) -> u32 {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["--exact", "live::violator", "--ignored", "--test-threads", "1"])
        .env("VIOLATE", format!("{name} {times}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    child.wait().expect("it ends");
    child.id()
}

/// Tests run one at a time, because the burst of one would count as losses of another.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reports a skipped test. It writes to standard error directly, because the harness hides what passing tests print.
fn skip(why: &str) {
    let line = format!("SKIPPED: {}\n", why.trim_end());
    io::stderr().write_all(line.as_bytes()).unwrap_or_default();
}

/// The command while it follows.
struct Follower {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Follower {
    /// Starts it and waits until it reads; `None`, with a message, if it may not.
    fn start(source: &str) -> Option<Self> {
        let folder = Folder::with(&[]);
        let mut command = folder.command(&format!("violations --follow --format json --source {source}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut first = String::new();
        stderr.read_line(&mut first).expect("a line");
        if !first.starts_with("note: reading ") {
            skip(&format!("no violations can be read here from {source}: {first}"));
            child.wait().expect("it ended");
            return None;
        }
        Some(Self { child, stderr })
    }

    /// Ends it as Ctrl-C does, and returns the rest of its messages.
    fn stop(mut self) -> String {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGINT).expect("it runs");
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).expect("text");
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0), "{said}");
        said
    }

    fn stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("a pipe")
    }
}

/// The objects that it writes, with the time at which each arrived.
fn objects(stdout: ChildStdout) -> Receiver<(Instant, Value)> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let object = serde_json::from_str(&line.expect("text")).expect("JSON");
            if send.send((Instant::now(), object)).is_err() {
                break;
            }
        }
    });
    receive
}

/// The number between these texts, in the first line that begins like this; 0 without one.
fn counted(said: &str, before: &str, after: &str) -> u64 {
    let number = |line: &str| line.strip_prefix(before)?.split(after).next()?.parse().ok();
    said.lines().find_map(number).unwrap_or_default()
}

/// Each kind of violation appears once, decoded, within a second.
fn each_appears_once(source: &str) {
    let Some(mut follower) = Follower::start(source) else { return };
    let receive = objects(follower.stdout());
    for (name, code, signal) in [
        ("log", "0x7ffc0000", None),
        ("errno", "0x50000", None),
        ("trap", "0x30000", None),
        ("trace", "0x7ff00000", None),
        ("user_notif", "0x7fc00000", None),
        ("kill_thread", "0x0", Some("SIGSYS")),
        ("kill_process", "0x80000000", Some("SIGSYS")),
    ] {
        let started = Instant::now();
        let pid = violate(name, 1);
        // Other programs on this machine violate filters too.
        let ours: Vec<(Duration, Value)> = receive
            .iter()
            .map(|(came, object)| (came.duration_since(started), object))
            .filter(|(_, object)| object["executable"] == *own_path() && is_of(object, pid))
            .take(1)
            .collect();
        let (late, object) = &ours[0];
        assert!(*late < Duration::from_secs(1), "{name} after {late:?}");
        assert_eq!(object["action"], name);
        assert_eq!((&object["syscall"], &object["code"]), (&"getppid".into(), &code.into()), "{object}");
        assert_eq!(object.get("signal").and_then(Value::as_str), signal, "{object}");
        assert!(object.get("gap").is_none() && object["user"]["id"].is_u64(), "{object}");
        assert_eq!(soon_after(&receive, pid), 0, "{name} more than once");
    }
    // Without the flag `log` the kernel does not log these.
    for (name, _) in FILTERS.iter().filter(|(name, _)| name.starts_with("silent ")) {
        let pid = violate(name, 1);
        assert_eq!(soon_after(&receive, pid), 0, "{name} was logged");
    }
    follower.stop();
}

/// How many records of a process arrive within a moment.
fn soon_after(receive: &Receiver<(Instant, Value)>, pid: u32) -> usize {
    thread::sleep(Duration::from_millis(50));
    receive.try_iter().filter(|(_, object)| is_of(object, pid)).count()
}

fn own_path() -> String {
    std::env::current_exe().expect("this program").display().to_string()
}

/// Whether the record is of this process. It has the ID of the thread, which is a little higher.
fn is_of(object: &Value, pid: u32) -> bool {
    object["pid"].as_u64().is_some_and(|thread| (u64::from(pid)..u64::from(pid) + 64).contains(&thread))
}

#[test]
fn each_kind_appears_once_from_the_multicast_group() {
    let _alone = alone();
    each_appears_once("audit");
}

#[test]
fn each_kind_appears_once_from_the_kernel_log() {
    let _alone = alone();
    // The kernel prints ten records in five seconds, which earlier tests may have used up.
    thread::sleep(Duration::from_secs(6));
    each_appears_once("kmsg");
}

/// Violates this often, waits until the kernel's limits are over, and violates once more, so that the serial numbers show
/// what was lost before.
fn burst(times: u32) {
    violate("log", times);
    thread::sleep(Duration::from_secs(6));
    violate("log", 1);
    thread::sleep(Duration::from_millis(500));
}

const BURST: u32 = 100_000;
/// More than the socket holds, which is about a hundred thousand.
const FLOOD: u32 = 400_000;

fn none_of_a_burst_is_lost_uncounted(source: &str) {
    let Some(mut follower) = Follower::start(source) else { return };
    let receive = objects(follower.stdout());
    burst(BURST);
    let said = follower.stop();
    let own = own_path();
    let seen = receive.iter().filter(|(_, object)| object["executable"] == *own).count() as u64;
    let left_out = counted(&said, "warning: the kernel left ", " audit record");
    let lost = counted(&said, "warning: ", " audit event").max(left_out);
    assert!(seen + lost > u64::from(BURST), "{seen} seen and {lost} lost of {BURST}: {said}");
    eprintln!("{source}: {seen} seen and {lost} lost of a burst of {BURST}");
}

#[test]
fn none_of_a_burst_is_lost_uncounted_by_the_multicast_group() {
    let _alone = alone();
    none_of_a_burst_is_lost_uncounted("audit");
}

#[test]
fn none_of_a_burst_is_lost_uncounted_by_the_kernel_log() {
    let _alone = alone();
    none_of_a_burst_is_lost_uncounted("kmsg");
}

#[test]
fn a_follower_that_is_held_up_counts_what_it_missed() {
    let _alone = alone();
    let Some(mut follower) = Follower::start("audit") else { return };
    let stdout = follower.stdout();
    // Nobody reads what it writes, so it stops reading too, and its socket overflows.
    burst(FLOOD);
    let receive = objects(stdout);
    let own = own_path();
    let is_own = |object: &Value| object["executable"] == *own;
    let mut seen = 0_u64;
    // A socket that overflowed accepts nothing more until it is empty.
    while let Ok((_, object)) = receive.recv_timeout(Duration::from_secs(1)) {
        seen += u64::from(is_own(&object));
    }
    violate("log", 1);
    thread::sleep(Duration::from_millis(500));
    let said = follower.stop();
    seen += receive.iter().filter(|(_, object)| is_own(object)).count() as u64;
    let lost = counted(&said, "warning: ", " audit event");
    assert!(said.contains("records came faster than they were read"), "{seen} seen: {said}");
    assert!(seen + lost > u64::from(FLOOD), "{seen} seen and {lost} lost of {FLOOD}: {said}");
    eprintln!("held up: {seen} seen and {lost} lost of a burst of {FLOOD}");
}

/// Follows the multicast group from within another program, which changes what the command may do or see.
fn followed_by(program: &str, arguments: &[&str]) -> io::Result<Output> {
    let folder = Folder::with(&[]);
    let command = folder.command("violations --follow --source audit");
    Command::new(program)
        .args(arguments)
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .output()
}

#[test]
fn in_another_network_namespace_there_is_a_warning() {
    // Process 1 of a new process namespace stays in this network namespace; the command does not.
    let inside = "unshare --net timeout --signal=INT 1 \"$@\"; exit 0";
    let output = followed_by("unshare", &["--pid", "--fork", "--mount-proc", "sh", "-c", inside, "sh"]);
    let said = output
        .map_or_else(|error| error.to_string(), |output| String::from_utf8_lossy(&output.stderr).into());
    if !said.contains("note: reading ") {
        return skip(&format!("no network namespace can be made here, or no records be read: {said}"));
    }
    assert!(
        said.starts_with("warning: the kernel sends audit records only to the first network namespace"),
        "{said}"
    );
}

#[test]
fn without_permission_to_read_there_is_a_remedy() {
    let unprivileged = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
    let output = match followed_by("setpriv", &unprivileged) {
        Ok(output) => output,
        Err(error) => return skip(&format!("setpriv cannot be run here: {error}")),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if said.starts_with("setpriv: ") {
        return skip(&format!("privileges cannot be given up here: {said}"));
    }
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("CAP_AUDIT_READ"), "{said}");
}
