//! The kernel itself: real violations, each once, decoded and at once, and a burst of which none is lost uncounted.
//!
//! Without the right to read the kernel's records these tests say so and skip.

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

/// No test of its own: the program that violates, which the others start. `VIOLATE` is the filter's name and how
/// often to violate it.
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
    // A thread that is killed cannot be waited for: its end is not told.
    while !violating.is_finished() && times > 1 {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(200));
}

/// Runs the violator to its end; the thread's violations are of its process, which is this one.
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

/// One test at a time: the bursts of one would count as the losses of another.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says that a test does not run here. The harness keeps what tests print; this must be seen.
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
    /// Starts it and waits until it reads; none where it may not, which is said.
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

    /// Ends it as Ctrl-C does, and gives what it says at last.
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

/// What it writes, with the time at which each line came.
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

/// The number in a line that begins and goes on like this; 0 without one.
fn counted(said: &str, before: &str, after: &str) -> u64 {
    let number = |line: &str| line.strip_prefix(before)?.split(after).next()?.parse().ok();
    said.lines().find_map(number).unwrap_or_default()
}

/// Each kind of violation once, within a second and decoded.
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
        // Others violate on this machine too.
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
    // Without the flag `log` these are no matter for the kernel's log.
    for (name, _) in FILTERS.iter().filter(|(name, _)| name.starts_with("silent ")) {
        let pid = violate(name, 1);
        assert_eq!(soon_after(&receive, pid), 0, "{name} was logged");
    }
    follower.stop();
}

/// How many records of a process come within a moment.
fn soon_after(receive: &Receiver<(Instant, Value)>, pid: u32) -> usize {
    thread::sleep(Duration::from_millis(50));
    receive.try_iter().filter(|(_, object)| is_of(object, pid)).count()
}

fn own_path() -> String {
    std::env::current_exe().expect("this program").display().to_string()
}

/// Whether the record is of this process: it names the thread, which comes soon after it.
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
    // The kernel prints ten records in five seconds; the tests before may have used them up.
    thread::sleep(Duration::from_secs(6));
    each_appears_once("kmsg");
}

/// Violates this often, then waits out the kernel's limits and violates once more, so that what was lost before
/// shows in the serial numbers.
fn burst(times: u32) {
    violate("log", times);
    thread::sleep(Duration::from_secs(6));
    violate("log", 1);
    thread::sleep(Duration::from_millis(500));
}

const BURST: u32 = 100_000;
/// More than the socket holds, which is some hundred thousand.
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
    // Nobody reads what it writes, so that it stops reading too, and its socket overflows.
    burst(FLOOD);
    let receive = objects(stdout);
    let own = own_path();
    let is_own = |object: &Value| object["executable"] == *own;
    let mut seen = 0_u64;
    // A socket that overflowed takes nothing more until it is empty.
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

/// Runs the command that follows the multicast group by another program, which changes what it may do or see.
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
fn in_another_network_namespace_it_says_that_nothing_comes() {
    // Process 1 of a new process namespace stays in this network namespace, and the command in it does not.
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
fn without_the_right_to_read_it_says_what_to_do() {
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
