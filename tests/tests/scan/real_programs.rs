//! Programs as they are built and installed: the kernel sees no call that a scan does not find.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use seccomp_compiler::{Architecture, LoadError, Verdict};
use seccomp_tests::kernel::record::recorded;
use seccomp_tests::kernel::start_under;
use seccomp_tests::programs::always;
use seccomp_tests::scratch::{Built, Scratch, musl_target, workspace};
use seccomp_tests::skipped;
use seccomp_tools::scan::{ReachedCall, Scan, Scanner};

const TMP: &str = env!("CARGO_TARGET_TMPDIR");

const NAMES: [&str; 3] = ["hello", "exits", "numbers"];

/// The sets, each with a program that does the tasks of `tests/sets.rs` and no others.
const SETS: [(&str, &str); 6] = [
    ("@rust-std", "of-std"),
    ("@rust-panic", "of-panic"),
    ("@rust-process", "of-process"),
    ("@rust-fs", "of-fs"),
    ("@rust-net", "of-net"),
    ("@tokio", "of-tokio"),
];

static BUILT: LazyLock<Vec<PathBuf>> = LazyLock::new(|| executables(&built(&[])));

fn built(more: &[&str]) -> Built {
    let arguments = ["build", "-p", "scanned", "-p", "sets", "--release"];
    Scratch::fixtures(TMP).cargo(&[&arguments, more].concat()).expect_success()
}

fn executables(built: &Built) -> Vec<PathBuf> {
    let of_sets = SETS.iter().map(|(_, program)| program);
    NAMES.iter().chain(&["sets"]).chain(of_sets).map(|name| built.executable(name)).collect()
}

fn scan(program: &Path) -> Scan {
    let load = |path: &str| std::fs::read(path).map_err(|_| LoadError::NotFound);
    let path = program.to_str().expect("the path is text");
    Scanner::new(&load).scan(path).expect("it can be scanned")
}

fn names(scan: &Scan) -> BTreeSet<String> {
    scan.calls.iter().map(ReachedCall::name).collect()
}

fn host() -> &'static Architecture {
    Architecture::host().expect("the tests run where filters do")
}

/// Whether programs of this machine can be scanned.
fn can_scan() -> bool {
    let can = ["x86_64", "aarch64"].contains(&host().name());
    if !can {
        skipped(format_args!("nothing is scanned: the programs here are for {}", host()));
    }
    can
}

/// The starting of a program, and what the loader does for it before that.
const LOADER: [&str; 6] = ["execve", "access", "arch_prctl", "set_tid_address", "set_robust_list", "rseq"];

/// Fails if a program is seen to make a call that its scan does not find.
#[track_caller]
fn assert_all_is_found(program: &Path, arguments: &[&str]) {
    let mut command = Command::new(program);
    let folder = Path::new(TMP).join("scan");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    // By its filter the recording knows where to begin.
    start_under(&always(Verdict::Allow), &mut command);
    let seen = recorded(command);
    let seen: BTreeSet<&str> = seen.calls.into_iter().filter_map(|call| host().syscall_name(call)).collect();
    assert!(seen.contains("exit_group"), "{} was not recorded: {seen:?}", program.display());
    let scan = scan(program);
    let found = names(&scan);
    let missed: Vec<&&str> =
        seen.iter().filter(|name| !found.contains(**name) && !LOADER.contains(*name)).collect();
    assert!(missed.is_empty(), "{}: {missed:?} are not found", program.display());
    assert!(scan.unresolved.len() <= 5, "{}: {:?}", program.display(), scan.unresolved);
}

#[test]
fn all_that_small_rust_programs_do_is_found() {
    if can_scan() {
        for program in &BUILT[..NAMES.len()] {
            assert_all_is_found(program, &[]);
        }
    }
}

#[test]
fn all_that_static_rust_programs_do_is_found() {
    let Some(target) = musl_target().filter(|_| can_scan()) else { return };
    for program in &executables(&built(&["--target", &target]))[..NAMES.len()] {
        assert_all_is_found(program, &[]);
    }
}

/// What the kernel saw of the tasks of each set, by the data of the sets, is in a scan of the program that does them.
#[test]
fn every_call_of_a_set_that_was_observed_is_found_in_the_program_that_makes_it() {
    if !cfg!(all(target_arch = "x86_64", target_env = "gnu")) {
        return skipped("the calls of the sets were observed with glibc on x86_64");
    }
    let found = names(&scan(&BUILT[NAMES.len()]));
    let rows = xtask::data::rows(&workspace().join("seccomp-compiler/data/own-sets.csv")).into_iter();
    let observed = rows.filter(|row| row["reason"] == "observed").map(|row| row["member"].clone());
    let observed: Vec<String> = observed.filter(|member| !LOADER.contains(&member.as_str())).collect();
    assert!(observed.len() > 80, "{}", observed.len());
    let missed: Vec<&String> = observed.iter().filter(|member| !found.contains(*member)).collect();
    assert!(missed.is_empty(), "{missed:?} are not found");
}

/// The members of some of the project's own sets.
fn members(names: &[&str]) -> BTreeSet<&'static str> {
    let sets = seccomp_compiler::sets().filter(|(name, _)| names.contains(name));
    sets.flat_map(|(_, members)| members.iter().copied()).collect()
}

/// Calls that glibc can make in programs that do what a set is for, and why the sets are without them.
const EXPLAINED: [(&[&str], &str); 10] = [
    (&["dup"], "before `main`, in place of a standard descriptor that is closed"),
    (&["geteuid", "getuid", "getegid", "getgid", "getgroups"], "`realpath`, set-user-ID, before Linux 5.8"),
    (&["getdents64"], "`malloc` with the huge pages that GLIBC_TUNABLES asks for"),
    (
        &["sched_get_priority_max", "sched_get_priority_min", "sched_getparam"],
        "a mutex that protects priorities",
    ),
    (&["sched_getscheduler", "sched_setscheduler"], "such a mutex, or a thread with a priority of its own"),
    (&["sched_setaffinity"], "a thread with processors of its own"),
    (&["setitimer"], "a library that is profiled, as LD_PROFILE asks for"),
    (&["sysinfo"], "`sysconf`, asked for the size of the memory"),
    (
        &["chroot", "close_range", "fchdir", "getpgid", "sched_setparam", "setresgid", "setresuid", "setsid"],
        "what stable Rust does not ask `posix_spawn` or `exec` for",
    ),
    (&["sendfile"], "`io::copy` from a file, for which there is `@rust-fs`"),
];

fn is_explained(name: &str) -> bool {
    EXPLAINED.iter().any(|(calls, _)| calls.contains(&name))
}

/// What programs can do that only do what a set is for is in the set, or explained.
#[test]
fn the_sets_have_all_that_can_be_reached_but_what_is_explained() {
    if !cfg!(all(target_arch = "x86_64", target_env = "gnu")) {
        return skipped("it is explained what the C library does on x86_64 with glibc");
    }
    let mut reached = BTreeSet::new();
    for ((set, _), program) in SETS.iter().zip(&BUILT[NAMES.len() + 1..]) {
        let found = names(&scan(program));
        // Whatever a Rust program does, it may panic.
        let members = members(&[set, "@rust-panic"]);
        let more: Vec<&String> =
            found.iter().filter(|name| !members.contains(name.as_str()) && !is_explained(name)).collect();
        assert!(more.is_empty(), "{set} is without {more:?}");
        reached.extend(found);
    }
    let explained = EXPLAINED.iter().flat_map(|(calls, _)| *calls);
    let stale: Vec<&&str> = explained.filter(|name| !reached.contains(**name)).collect();
    assert!(stale.is_empty(), "{stale:?} cannot be reached, and need no explanation");
}

/// The direct needs of the standard library in a program that only prints.
#[test]
fn the_sets_have_what_the_standard_library_asks_the_c_library_for() {
    if !can_scan() {
        return;
    }
    let scan = scan(&BUILT[0]);
    let members = members(&["@rust-std", "@rust-panic"]);
    let is_rust = |name: &String| name.contains("::");
    // A stub may be in between.
    let is_direct = |path: &[String]| path.iter().rev().skip(1).take(2).any(is_rust);
    let direct = scan.calls.iter().filter(|call| call.uses.iter().any(|it| is_direct(&it.path)));
    let names: BTreeSet<String> = direct.map(ReachedCall::name).collect();
    assert!(names.contains("write") && names.contains("sigaltstack"), "{names:?}");
    let more: Vec<&String> =
        names.iter().filter(|name| !members.contains(name.as_str()) && !is_explained(name)).collect();
    assert!(more.is_empty(), "{more:?} are in no set");
}

/// At the end of a thread glibc unregisters the RPC services of the thread, of which there are none.
#[test]
fn threads_alone_reach_no_socket() {
    if can_scan() {
        let names = names(&scan(&BUILT[1]));
        let sockets: Vec<&String> =
            names.iter().filter(|name| ["socket", "bind", "connect"].contains(&name.as_str())).collect();
        assert!(sockets.is_empty(), "{sockets:?}");
    }
}

/// A second thread in `std::process::exit` waits for ever.
#[test]
fn what_only_a_race_does_is_found() {
    if can_scan() {
        let waits = if host().name() == "x86_64" { "pause" } else { "ppoll" };
        assert!(names(&scan(&BUILT[1])).contains(waits));
    }
}

#[test]
fn calls_by_number_and_through_pointers_are_found_with_their_arguments_and_owner() {
    if !can_scan() {
        return;
    }
    let scan = scan(&BUILT[2]);
    let call =
        |name: &str| scan.calls.iter().find(|call| call.name() == name).unwrap_or_else(|| panic!("{name}"));
    for name in ["getppid", "setdomainname", "syncfs"] {
        assert!(call(name).uses.iter().any(|it| it.by == "numbers"), "{name}: {:?}", call(name).uses);
    }
    let af_netlink = Some(16);
    let socket = call("socket").uses.iter().find(|it| it.arguments[0] == af_netlink);
    let socket = socket.expect("the family is a constant");
    assert_eq!((socket.by.as_str(), socket.arguments[2]), ("numbers", Some(0)));
    assert_eq!(socket.path[0], "main");
    assert!(socket.path.contains(&"numbers::main".to_owned()), "{:?}", socket.path);
    assert!(!names(&scan).contains("execve"), "nothing starts programs");
}

fn installed(program: &str, runs: &[&[&str]]) {
    let folders = ["/usr/bin", "/bin", "/usr/local/bin"].map(Path::new);
    let found = folders.map(|folder| folder.join(program)).into_iter().find(|path| path.is_file());
    // Some are scripts.
    let is_elf = |path: &PathBuf| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"));
    match found.filter(|path| can_scan() && is_elf(path)) {
        Some(path) => runs.iter().for_each(|run| assert_all_is_found(&path, run)),
        None => skipped(format_args!("{program} is not scanned: it is not installed")),
    }
}

#[test]
fn all_that_ls_does_is_found() {
    installed("ls", &[&["-laR", "/etc"]]);
}

#[test]
fn all_that_find_does_is_found() {
    installed("find", &[&["/usr/share/doc", "-maxdepth", "1", "-newer", "/etc/passwd"]]);
}

#[test]
fn all_that_sqlite3_does_is_found() {
    let statements = "create table a(b); insert into a values(1); select * from a;";
    installed(
        "sqlite3",
        &[&[":memory:", statements], &["scan.db", "create table if not exists a(b); vacuum;"]],
    );
}

#[test]
fn all_that_curl_does_is_found() {
    installed("curl", &[&["--silent", "file:///etc/passwd"]]);
}

#[test]
fn all_that_python_does_is_found() {
    installed("python3", &[&["-c", "import os, socket; socket.socket().close(); print(os.listdir('/'))"]]);
}
