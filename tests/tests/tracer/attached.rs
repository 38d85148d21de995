//! What is seen of processes that run already, and that they do not notice.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use seccomp_observe::tracer::{
    Answer, Attachment, Executed, NotAttached, Observer, Status, TraceError, TracedCall,
};

use crate::{Seen, command_of_child};

/// A child that ends with its standard input.
fn start(command: &[&str]) -> Child {
    let mut child = Command::new(command[0]);
    child.args(&command[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
    child.spawn().expect("it starts")
}

/// A test of [`children`](crate::children) that ends with its standard input.
fn start_child(name: &str) -> Child {
    let command = command_of_child(name);
    start(&command.iter().map(String::as_str).collect::<Vec<_>>())
}

fn id(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().expect("an ID"))
}

/// What the kernel says about a process.
fn status(child: &Child, key: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it is there");
    let value = status.lines().find_map(|line| line.strip_prefix(key)).expect("the kernel says so");
    value.trim().to_owned()
}

fn wait_until(is_it: impl Fn() -> bool) {
    while !is_it() {
        std::thread::yield_now();
    }
}

/// Attaches, and leaves at once.
fn visit(child: &Child) {
    let attachment = Attachment::new(child.id()).limit(Some(Duration::ZERO));
    assert_eq!(attachment.run(&mut Seen::default()).expect("it can be traced"), None);
}

/// Gives a process its input once it asks for it, or once enough was seen.
struct Feeder {
    seen: Seen,
    input: Option<ChildStdin>,
    text: &'static str,
    is_enough: fn(&Seen) -> bool,
}

impl Observer for Feeder {
    fn called(&mut self, traced: &TracedCall<'_>) -> Answer {
        self.seen.called(traced);
        if (self.is_enough)(&self.seen)
            && let Some(mut input) = self.input.take()
        {
            input.write_all(self.text.as_bytes()).expect("it is read");
        }
        Answer::Make
    }

    fn executed(&mut self, executed: &Executed<'_>) {
        self.seen.executed(executed);
    }
}

#[test]
fn all_threads_of_a_process_are_seen() {
    let mut child = start_child("threads_make_calls");
    // The shell has become the test by then, and its threads have started.
    wait_until(|| status(&child, "Threads:").parse().is_ok_and(|threads: u32| threads >= 6));
    let is_enough = |seen: &Seen| {
        let calls = seen.count("gettid");
        calls > 1000 && seen.threads.len() >= 5
    };
    let mut feeder = Feeder { seen: Seen::default(), input: child.stdin.take(), text: "", is_enough };
    let ended = Attachment::new(child.id()).run(&mut feeder).expect("it can be traced");
    assert_eq!(ended, Some(Status::Exited(0)));
    assert!(feeder.seen.threads.values().all(|process| *process == child.id()));
    child.wait().expect_err("its tracer has waited for it");
}

#[test]
fn what_a_process_starts_is_seen() {
    let mut child = start(&["sh", "-c", "read line; cat /dev/null; (exit 2); exit 3"]);
    let is_enough = |seen: &Seen| seen.count("read") > 0;
    let input = child.stdin.take();
    let mut feeder = Feeder { seen: Seen::default(), input, text: "a line\n", is_enough };
    let ended = Attachment::new(child.id()).run(&mut feeder).expect("it can be traced");
    assert_eq!(ended, Some(Status::Exited(3)));
    assert!(feeder.seen.has_run("cat"), "{:?}", feeder.seen);
    assert!(feeder.seen.threads.len() >= 2);
    child.wait().expect_err("its tracer has waited for it");
}

#[test]
fn no_call_fails_because_a_tracer_comes_and_goes() {
    let mut child = start_child("no_call_that_waits_fails");
    wait_until(|| status(&child, "Threads:").parse().is_ok_and(|threads: u32| threads >= 6));
    for _ in 0..1000 {
        visit(&child);
    }
    drop(child.stdin.take());
    assert_eq!(child.wait().expect("it ended").code(), Some(0));
}

#[test]
fn a_stopped_process_stays_stopped() {
    let mut child = start(&["cat"]);
    kill(id(&child), Signal::SIGSTOP).expect("it is there");
    let flags = Some(WaitPidFlag::WUNTRACED);
    assert_eq!(waitpid(id(&child), flags), Ok(WaitStatus::Stopped(id(&child), Signal::SIGSTOP)));
    for _ in 0..20 {
        visit(&child);
        wait_until(|| status(&child, "TracerPid:") == "0");
        wait_until(|| !status(&child, "State:").starts_with(['t', 'R']));
        assert_eq!(status(&child, "State:"), "T (stopped)");
    }
    kill(id(&child), Signal::SIGCONT).expect("it is there");
    assert_eq!(child.wait().expect("it ended").code(), Some(0));
}

#[test]
fn a_process_runs_on_if_its_tracer_is_killed() {
    let mut child = start(&["cat"]);
    let mut tracer = start_child("a_process_is_traced");
    let name = child.id().to_string();
    tracer.stdin.take().expect("it is piped").write_all(name.as_bytes()).expect("it is read");
    wait_until(|| status(&child, "TracerPid:") != "0");
    tracer.kill().expect("it is there");
    tracer.wait().expect("it ended");
    let (mut input, mut output) =
        (child.stdin.take().expect("it is piped"), child.stdout.take().expect("it is piped"));
    input.write_all(b"hello").expect("it is read");
    let mut echo = [0; 5];
    output.read_exact(&mut echo).expect("it is written");
    assert_eq!(&echo, b"hello");
    drop(input);
    assert_eq!(child.wait().expect("it ended").code(), Some(0));
}

fn why_not(process: u32) -> NotAttached {
    let attachment = Attachment::new(process).limit(Some(Duration::ZERO));
    match attachment.run(&mut Seen::default()) {
        Err(TraceError::NotAttached { process: refused, reason }) if refused == process => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_attached_to_is_said() {
    let own = std::process::id();
    for none in [0, u32::MAX, 1 << 30] {
        assert!(matches!(why_not(none), NotAttached::NoProcess));
    }
    assert!(matches!(why_not(own), NotAttached::Itself));
    let thread = seccomp_tests::kernel::gettid().unsigned_abs();
    assert!(matches!(why_not(thread), NotAttached::Thread(process) if process == own));
    let mut zombie = Command::new("true").spawn().expect("it starts");
    wait_until(|| status(&zombie, "State:").starts_with('Z'));
    assert!(matches!(why_not(zombie.id()), NotAttached::Zombie));
    zombie.wait().expect("it ended");
}

#[test]
fn a_process_has_one_tracer() {
    /// Tries to attach to what is traced.
    struct Second(Option<NotAttached>, Option<ChildStdin>);
    impl Observer for Second {
        fn called(&mut self, traced: &TracedCall<'_>) -> Answer {
            if self.1.take().is_some() {
                self.0 = Some(why_not(traced.process));
            }
            Answer::Make
        }
    }
    let mut child = start(&["cat"]);
    let mut second = Second(None, child.stdin.take());
    let ended = Attachment::new(child.id()).run(&mut second).expect("it can be traced");
    assert_eq!(ended, Some(Status::Exited(0)));
    assert!(matches!(second.0, Some(NotAttached::Traced(_))), "{:?}", second.0);
    child.wait().expect_err("its tracer has waited for it");
}

#[test]
fn a_process_of_another_user_is_left_alone() {
    let mut child = start_child("a_process_of_another_user_is_not_traced");
    drop(child.stdin.take());
    assert_eq!(child.wait().expect("it ended").code(), Some(0));
}
