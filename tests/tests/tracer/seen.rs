//! What is seen of a command, and that it does not notice.

use std::fs;
use std::time::Duration;

use seccomp_observe::tracer::{Cut, Start, Status, TraceError, Tracer, Watch};

use crate::{Seen, child, limited, trace, words};

#[test]
fn no_call_fails_under_a_timer() {
    assert!(child("no_call_fails_under_a_timer").count("getppid") >= 20_000);
}

#[test]
fn pipelines_of_a_shell_do_not_hang() {
    let script = "i=0; while [ $i -lt 200 ]; do
        r=$(echo hello | cat | tr a-z A-Z) || exit 1; [ \"$r\" = HELLO ] || exit 2; i=$((i+1)); done";
    let (status, seen) = trace(&["sh", "-c", script]);
    assert_eq!(status, Status::Exited(0));
    assert!(seen.has_run("tr") && seen.has_run("cat"));
    assert!(seen.threads.len() > 400);
}

#[test]
fn threads_are_seen_with_their_process() {
    let seen = child("threads_are_joined");
    assert!(seen.threads.len() > 100);
    assert!(seen.count("gettid") >= 100);
    assert!(seen.threads.iter().any(|(thread, process)| thread != process));
}

#[test]
fn processes_are_seen_however_they_start() {
    let seen = child("processes_are_spawned");
    assert_eq!(seen.programs.iter().filter(|program| program.ends_with("true")).count(), 2);
}

#[test]
fn a_program_that_any_thread_became_is_seen() {
    let seen = child("a_thread_becomes_a_program");
    assert!(seen.programs.last().is_some_and(|program| program.ends_with("true")));
}

#[test]
fn stops_are_as_without_a_tracer() {
    child("a_process_is_stopped_and_goes_on");
}

#[test]
fn signals_arrive_as_without_a_tracer() {
    child("real_time_signals_arrive");
}

#[test]
fn a_session_can_be_left() {
    assert!(child("a_session_is_left").count("setsid") == 1);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn calls_of_other_abis_are_told_apart() {
    let seen = child("a_call_of_another_abi_is_made");
    assert_eq!(seen.calls.get(&("i386", "getppid".to_owned())), Some(&1));
}

#[test]
fn the_exit_status_is_that_of_the_command() {
    assert_eq!(trace(&["sh", "-c", "exit 3"]).0, Status::Exited(3));
    assert_eq!(trace(&["sh", "-c", "kill -9 $$"]).0, Status::Killed(libc::SIGKILL));
    assert_eq!(Status::Killed(libc::SIGKILL).code(), 137);
}

#[test]
fn what_a_command_leaves_behind_is_seen_to_its_end() {
    let (status, seen) = trace(&["sh", "-c", "(cat /proc/self/status > /dev/null; exit 1) & exit 0"]);
    assert_eq!(status, Status::Exited(0));
    assert!(seen.has_run("cat"));
}

#[test]
fn only_what_follows_the_loader_counts_from_main() {
    let from = |start| {
        let mut seen = Seen::default();
        let tracer = Tracer::new(words(&["cat", "/dev/null"]), Watch::everything()).start(start);
        assert_eq!(tracer.run(&mut seen).expect("it can be traced").status, Status::Exited(0));
        seen
    };
    let (exec, main) = (from(Start::Exec), from(Start::Main));
    assert_eq!(main.count("exit_group"), 1);
    assert_eq!(exec.count("execve") + main.count("execve"), 0, "the start of the command does not count");
    let knows_main = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    assert!(!knows_main || exec.count("mmap") > main.count("mmap"));
}

#[test]
fn a_command_that_is_not_there_is_an_error() {
    let error = |command: &[&str]| {
        let tracer = Tracer::new(words(command), Watch::everything());
        tracer.run(&mut Seen::default()).expect_err("it cannot be started").to_string()
    };
    assert_eq!(error(&["no-such-program"]), "cannot start `no-such-program`: no such file");
    assert_eq!(error(&["/dev/null"]), "cannot start `/dev/null`: permission denied");
    assert_eq!(error(&[""]), "cannot start ``: no such file");
    assert_eq!(error(&[]), "no command is given");
}

#[test]
fn a_command_that_is_traced_already_is_an_error() {
    let mut traced = Traced(None);
    let outer = Tracer::new(words(&["true"]), Watch::everything());
    outer.run(&mut traced).expect("it can be traced");
    let error = traced.0.expect("the observer has tried");
    assert!(matches!(error, TraceError::NotStarted { .. } | TraceError::Refused(_)), "{error}");
}

/// Tries to start a command that cannot be a program while another is traced.
struct Traced(Option<TraceError>);

impl seccomp_observe::tracer::Observer for Traced {
    fn called(&mut self, _: &seccomp_observe::tracer::TracedCall<'_>) -> seccomp_observe::tracer::Answer {
        if self.0.is_none() {
            let inner = std::thread::spawn(|| {
                let tracer = Tracer::new(words(&["/dev/null"]), Watch::everything());
                tracer.run(&mut Seen::default()).err()
            });
            self.0 = inner.join().expect("it does not panic");
        }
        seccomp_observe::tracer::Answer::Make
    }
}

#[test]
fn a_command_that_takes_too_long_is_ended_with_all_that_it_started() {
    let command =
        ["sh", "-c", "trap '' TERM; cat /dev/zero > /dev/null & cat /dev/zero > /dev/null; echo $!"];
    let ending = limited(&command, Duration::from_millis(200)).expect("it can be traced");
    assert_eq!(ending.cut, Some(Cut::TimeLimit));
    assert_eq!(ending.status, Status::Killed(libc::SIGKILL));
}

#[test]
fn a_stopped_command_is_ended_as_well() {
    let ending = limited(&["sh", "-c", "kill -STOP $$"], Duration::from_millis(200));
    let ending = ending.expect("it can be traced");
    assert_eq!((ending.cut, ending.status), (Some(Cut::TimeLimit), Status::Killed(libc::SIGTERM)));
}

#[test]
fn nothing_of_the_tracer_is_left_in_the_command() {
    let path = std::env::temp_dir().join(format!("descriptors-{}", std::process::id()));
    let (status, _) = trace(&["sh", "-c", "exec ls /proc/self/fd > \"$0\"", &path.display().to_string()]);
    assert_eq!(status, Status::Exited(0));
    let traced = fs::read_to_string(&path).expect("the command wrote it");
    fs::remove_file(path).expect("it is there");
    let plain = std::process::Command::new("ls").arg("/proc/self/fd").output().expect("it runs");
    assert_eq!(traced.lines().count(), String::from_utf8_lossy(&plain.stdout).lines().count());
}
