//! The kernel itself: real violations appear once, immediately and decoded, and losses in a burst are counted.
//!
//! Without permission to read the kernel's records these tests are skipped, with a message.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getppid, gettid};
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
    let (tell, told) = channel();
    let violating = thread::spawn(move || {
        filter.install_on_current_thread().expect("filters can be installed");
        // The harness keeps what is printed, but not this.
        writeln!(io::stdout(), "\n{}", gettid()).expect("the pipe is open");
        tell.send(gettid()).expect("the main thread waits");
        for _ in 0..times {
            getppid();
        }
    });
    // A killed thread cannot be joined: nothing announces its end.
    let thread = format!("/proc/self/task/{}", told.recv().expect("it tells its number"));
    while !violating.is_finished() && Path::new(&thread).exists() {
        thread::yield_now();
    }
}

/// Runs the violator to its end. A record names the process or the thread that violated, as kernels differ.
fn violate(name: &str, times: u32) -> [u64; 2] {
    let program = std::env::current_exe().expect("this program");
    let child = Command::new(program)
        .args(["--exact", "live::violator", "--ignored", "--test-threads", "1"])
        .env("VIOLATE", format!("{name} {times}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let process = u64::from(child.id());
    let said = String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("text");
    let thread = said.lines().find_map(|line| line.parse().ok());
    [process, thread.unwrap_or_else(|| panic!("it names no thread: {said}"))]
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

/// What it writes.
fn objects(stdout: ChildStdout) -> Receiver<Value> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let object = serde_json::from_str(&line.expect("text")).expect("JSON");
            if send.send(object).is_err() {
                break;
            }
        }
    });
    receive
}

/// What is written before a violation that is made now. After many at once the kernel leaves out all for some seconds,
/// so another is made when nothing has come for long.
fn before_a_marker(receive: &Receiver<Value>) -> Vec<Value> {
    let mut before = Vec::new();
    for _ in 0..100 {
        let marker = violate("log", 1);
        while let Ok(object) = receive.recv_timeout(Duration::from_secs(2)) {
            if is_of(&object, marker) {
                return before;
            }
            before.push(object);
        }
    }
    panic!("the kernel tells of no violation any more");
}

/// The number in a line that begins and goes on like this; 0 without one.
fn counted(said: &str, before: &str, after: &str) -> u64 {
    let number = |line: &str| line.strip_prefix(before)?.split(after).next()?.parse().ok();
    said.lines().find_map(number).unwrap_or_default()
}

/// What the kernel tells of each kind of violation: a filter, the return value in the record, and the signal.
const KINDS: [(&str, &str, Option<&str>); 7] = [
    ("log", "0x7ffc0000", None),
    ("errno", "0x50000", None),
    ("trap", "0x30000", None),
    ("trace", "0x7ff00000", None),
    ("user_notif", "0x7fc00000", None),
    ("kill_thread", "0x0", Some("SIGSYS")),
    ("kill_process", "0x80000000", Some("SIGSYS")),
];

/// Each kind of violation once, decoded, and without waiting for more to come.
fn each_appears_once(source: &str) {
    let Some(mut follower) = Follower::start(source) else { return };
    let receive = objects(follower.stdout());
    // The kernel prints ten records in five seconds, whoever violates: where some are left out, all are made anew.
    for again in (0..if source == "kmsg" { 30 } else { 1 }).rev() {
        let made = KINDS.map(|(name, ..)| violate(name, 1));
        let came = before_a_marker(&receive);
        let of = |ids: [u64; 2]| came.iter().filter(|object| is_of(object, ids)).collect::<Vec<_>>();
        if again > 0 && made.iter().any(|ids| of(*ids).is_empty()) {
            continue;
        }
        for ((name, code, signal), ids) in KINDS.into_iter().zip(made) {
            let [object] = of(ids)[..] else { panic!("{name} comes {} times", of(ids).len()) };
            assert_eq!((&object["action"], &object["executable"]), (&name.into(), &own_path().into()));
            assert_eq!((&object["syscall"], &object["code"]), (&"getppid".into(), &code.into()), "{object}");
            assert_eq!(object.get("signal").and_then(Value::as_str), signal, "{object}");
            assert!(object.get("gap").is_none() && object["user"]["id"].is_u64(), "{object}");
        }
        break;
    }
    // Without the flag `log` these are no matter for the kernel's log.
    let silent = FILTERS.iter().filter(|(name, _)| name.starts_with("silent "));
    let silent: Vec<[u64; 2]> = silent.map(|(name, _)| violate(name, 1)).collect();
    for object in before_a_marker(&receive) {
        assert!(!silent.iter().any(|ids| is_of(&object, *ids)), "{object}");
    }
    follower.stop();
}

fn own_path() -> String {
    std::env::current_exe().expect("this program").display().to_string()
}

fn is_of(object: &Value, ids: [u64; 2]) -> bool {
    object["pid"].as_u64().is_some_and(|pid| ids.contains(&pid))
}

/// How many are of the violator: others violate on this machine too.
fn of_ours(objects: impl Iterator<Item = Value>) -> u64 {
    let own = own_path();
    objects.filter(|object| object["executable"] == *own).count() as u64
}

#[test]
fn each_kind_appears_once_from_the_multicast_group() {
    let _alone = alone();
    each_appears_once("audit");
}

#[test]
fn each_kind_appears_once_from_the_kernel_log() {
    let _alone = alone();
    each_appears_once("kmsg");
}

const BURST: u32 = 100_000;
/// More than the socket holds, which is some hundred thousand.
const FLOOD: u32 = 400_000;

fn none_of_a_burst_is_lost_uncounted(source: &str) {
    let Some(mut follower) = Follower::start(source) else { return };
    let receive = objects(follower.stdout());
    violate("log", BURST);
    // What was lost shows in the serial number of what comes after it.
    let before = before_a_marker(&receive);
    let said = follower.stop();
    let seen = 1 + of_ours(before.into_iter().chain(receive));
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
    violate("log", FLOOD);
    let receive = objects(stdout);
    // A socket that overflowed takes nothing more until it is empty.
    let before = before_a_marker(&receive);
    let said = follower.stop();
    let seen = 1 + of_ours(before.into_iter().chain(receive));
    let lost = counted(&said, "warning: ", " audit event");
    assert!(said.contains("records came faster than they were read"), "{seen} seen: {said}");
    assert!(seen + lost > u64::from(FLOOD), "{seen} seen and {lost} lost of {FLOOD}: {said}");
    eprintln!("held up: {seen} seen and {lost} lost of a burst of {FLOOD}");
}

/// The command that follows the multicast group, by another program, which changes what it may do or see.
fn followed_by(program: &str, arguments: &[&str]) -> Command {
    let folder = Folder::with(&[]);
    let command = folder.command("violations --follow --source audit");
    let mut by = Command::new(program);
    by.args(arguments).arg(command.get_program()).args(command.get_args());
    by.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    by
}

#[test]
fn in_another_network_namespace_it_says_that_nothing_comes() {
    // Process 1 of a new process namespace stays in this network namespace, and the command in it does not. All of
    // them end with unshare.
    let inside = "unshare --net \"$@\"; exit";
    let arguments = ["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", inside, "sh"];
    let mut child = match followed_by("unshare", &arguments).spawn() {
        Ok(child) => child,
        Err(error) => return skip(&format!("unshare cannot be run here: {error}")),
    };
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    while !said.contains("note: reading ") && stderr.read_line(&mut said).expect("text") > 0 {}
    child.kill().and_then(|()| child.wait()).expect("it runs or ended");
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
    let output = match followed_by("setpriv", &unprivileged).output() {
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
