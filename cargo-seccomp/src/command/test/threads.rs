//! Which test a thread works for.
//!
//! libtest runs each test in a thread that the main thread starts, and that names itself after the test. What such a thread
//! starts works for the same test: threads, processes, and other programs. The kernel does not say who started a thread,
//! but a new one has the name of the one that did, until it takes another. If threads of several tests may have started it,
//! it works for none of them.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use seccomp_compiler::{Architecture, Call};
use seccomp_observe::tracer::TracedCall;

/// How many threads are known at once.
const MOST_THREADS: usize = 1 << 16;

/// How many bytes of its name the kernel keeps of a thread.
const NAME: usize = 15;

/// A test, by the name of its program and as much of its own as its thread has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Test {
    program: String,
    thread: String,
}

impl Test {
    /// How calls of the test are counted until its whole name is known.
    pub(super) fn key(&self) -> String {
        format!("{}::{}", self.program, self.thread)
    }
}

/// What is known of a thread.
#[derive(Debug)]
struct Thread {
    process: u32,
    name: String,
    /// Whether it may have another name by now.
    is_renamed: bool,
    /// Whether its name will be that of a test.
    is_for_test: bool,
    test: Option<Rc<Test>>,
    /// How many threads and processes it starts that have not made a call.
    starting: u32,
}

/// The threads of a test run.
#[derive(Debug, Default)]
pub(super) struct Tests {
    threads: HashMap<u32, Thread>,
    /// The programs that ran tests.
    programs: BTreeSet<(String, PathBuf)>,
    seen: BTreeSet<Rc<Test>>,
}

impl Tests {
    /// The test for which a call is made. `program` is the name of its program if that may be one with tests.
    pub(super) fn of(&mut self, traced: &TracedCall<'_>, program: Option<&str>) -> Option<Rc<Test>> {
        let is_known =
            self.threads.get(&traced.thread).is_some_and(|thread| thread.process == traced.process);
        if !is_known {
            if self.threads.len() >= MOST_THREADS {
                self.threads.clear();
            }
            let thread = self.started(traced);
            self.threads.insert(traced.thread, thread);
        }
        let thread = self.threads.get_mut(&traced.thread)?;
        if core::mem::take(&mut thread.is_renamed) {
            thread.name = name(traced);
            if let Some(program) = program.filter(|_| thread.is_for_test && thread.test.is_none()) {
                let test = Rc::new(Test { program: program.to_owned(), thread: thread.name.clone() });
                self.programs.insert((program.to_owned(), traced.program.to_owned()));
                self.seen.insert(test.clone());
                thread.test = Some(test);
            }
        }
        let test = thread.test.clone();
        self.note(traced);
        test
    }

    /// A process has become another program, which has its name.
    pub(super) fn executed(&mut self, process: u32) {
        self.threads.retain(|id, thread| thread.process != process || *id == process);
        if let Some(thread) = self.threads.get_mut(&process) {
            thread.is_renamed = true;
            thread.starting = 0;
        }
    }

    /// A thread that makes its first call, for the test of the thread that started it.
    fn started(&mut self, traced: &TracedCall<'_>) -> Thread {
        let name = name(traced);
        let is_process = traced.thread == traced.process;
        let parent = if is_process { parent(traced.process) } else { Some(traced.process) };
        let may_have =
            |thread: &Thread| Some(thread.process) == parent && thread.starting > 0 && thread.name == name;
        let mut starters: Vec<(u32, &mut Thread)> = self
            .threads
            .iter_mut()
            .filter(|(_, thread)| may_have(thread))
            .map(|(id, thread)| (*id, thread))
            .collect();
        let is_harness = |(id, thread): &(u32, &mut Thread)| *id == thread.process && thread.test.is_none();
        let is_for_test = !is_process && !starters.is_empty() && starters.iter().all(is_harness);
        let test = starters.first().and_then(|(_, thread)| thread.test.clone());
        let is_certain = starters.iter().all(|(_, thread)| thread.test == test);
        if let Some((_, thread)) = starters.first_mut() {
            thread.starting -= 1;
        }
        Thread {
            process: traced.process,
            name,
            is_renamed: false,
            is_for_test,
            test: test.filter(|_| is_certain),
            starting: 0,
        }
    }

    /// Notes what a call will change.
    fn note(&mut self, traced: &TracedCall<'_>) {
        const PR_SET_NAME: u64 = 15;
        let Some(thread) = self.threads.get_mut(&traced.thread) else { return };
        match called(&traced.call) {
            Some("clone" | "clone3" | "fork" | "vfork") => {
                thread.starting = thread.starting.saturating_add(1)
            }
            Some("prctl") => thread.is_renamed |= traced.call.arguments[0] & 0xffff_ffff == PR_SET_NAME,
            Some("exit") => drop(self.threads.remove(&traced.thread)),
            Some("exit_group") => self.threads.retain(|_, thread| thread.process != traced.process),
            _ => {}
        }
    }

    /// The name of each test by its key: that of its program alone where the thread had no test.
    pub(super) fn names(&self) -> HashMap<String, String> {
        let mut lists: HashMap<&str, Option<Vec<String>>> = HashMap::new();
        for (program, path) in &self.programs {
            let list = lists.entry(program).or_insert_with(|| Some(Vec::new()));
            *list = list.take().zip(listed(path)).map(|(known, new)| [known, new].concat());
        }
        let name = |test: &Rc<Test>| {
            let list = lists.get(test.program.as_str()).and_then(Option::as_deref);
            let name = whole(&test.thread, list);
            name.map_or_else(|| test.program.clone(), |name| format!("{}::{name}", test.program))
        };
        self.seen.iter().map(|test| (test.key(), name(test))).collect()
    }
}

/// The whole name of a test: cut and with an ellipsis if there are several, or which there are is not known. None if it is no
/// test.
fn whole(thread: &str, tests: Option<&[String]>) -> Option<String> {
    let cut = || if thread.len() < NAME { thread.to_owned() } else { format!("{thread}…") };
    let Some(tests) = tests else { return Some(cut()) };
    let of_thread = |test: &&String| {
        let bytes = &test.as_bytes()[..test.len().min(NAME)];
        String::from_utf8_lossy(bytes) == thread
    };
    let mut named = tests.iter().filter(of_thread);
    match (named.next(), named.next()) {
        (Some(only), None) => Some(only.clone()),
        (Some(_), Some(_)) => Some(cut()),
        (None, _) => None,
    }
}

/// The tests of a program, if it is one of libtest.
fn listed(program: &Path) -> Option<Vec<String>> {
    // Other programs might do anything with the arguments.
    let bytes = fs::read(program).ok()?;
    memchr::memmem::find(&bytes, b"RUST_TEST_THREADS")?;
    let mut command = Command::new(program);
    command.args(["--list", "--format", "terse"]).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// The name of the thread, which it has from the one that started it, or from the program that it became.
fn name(traced: &TracedCall<'_>) -> String {
    let path = format!("/proc/{}/task/{}/comm", traced.process, traced.thread);
    let name = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(name.strip_suffix(b"\n").unwrap_or(&name)).into_owned()
}

fn parent(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

fn called(call: &Call) -> Option<&'static str> {
    Architecture::of_call(call.arch, call.number)?.syscall_name(call.number)
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_cut_name_is_completed_where_one_test_has_it() {
        let list = ["tests::short", "tests::alphabet_a", "tests::alphabet_b", "tests::beta_is_long"];
        let list = list.map(str::to_owned);
        let whole = |thread| whole(thread, Some(&list)).unwrap_or_default();
        assert_eq!(whole("tests::short"), "tests::short");
        assert_eq!(whole("tests::alphabet"), "tests::alphabet…");
        assert_eq!(whole("tests::beta_is_"), "tests::beta_is_long");
        assert_eq!(whole("worker"), "");
        assert_eq!(super::whole("worker", None).as_deref(), Some("worker"));
        assert_eq!(super::whole("tests::alphabet", None).as_deref(), Some("tests::alphabet…"));
    }
}
