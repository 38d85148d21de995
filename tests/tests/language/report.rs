//! What a process is given to report with: lines that are proved like the filter, names, and the calls of its own.

use seccomp_compiler::{Compiler, Report, ReportTo, Reporter, Then};

use super::*;

const REPORTER: Reporter = Reporter::new(Then::KillProcess);

fn reporting(policy: &str, on: &str, reporter: Reporter) -> Result<Compiled, Diagnostics> {
    let file = SourceFile::new("policy.yaml", policy);
    Compiler::for_architecture(architecture(on)).reporter(reporter).compile(&file)
}

fn report(policy: &str, on: &str) -> Report {
    let compiled = reporting(policy, on, REPORTER).unwrap_or_else(|problems| panic!("{on}:\n{problems}"));
    compiled.report.expect("it was asked for")
}

/// The line that a report gives for a call of its own architecture.
fn line(report: &Report, name: &str, arguments: [u64; 6]) -> Option<String> {
    let on = report.line_finder.rules().abis[0].architecture;
    let number = on.syscall_number(name).expect("the ABI has the call");
    let call = Call { arch: on.audit(), number, arguments, instruction_pointer: 0 };
    let answer = report.line_finder.program().run(&call).map(Verdict::from_return_value);
    match answer.expect("a proved program runs") {
        Verdict::Trap(line) => Some(report.lines[usize::from(line)].place.clone()),
        _ => None,
    }
}

const POLICY: &str = "\
default_action: trap
newer_syscalls: trap(38)
foreign_architecture: trap
syscalls:
- action: allow
  names: [write, gettid, rt_sigreturn, exit_group, read]
- action: trap(1)
  names: [
    execve,
    execveat]
- action: errno
  names_with_args:
  - {name: socket, arguments: [{argument: family, operation: Equal, value: AF_INET}]}
- action: trap
  names_with_args:
  - name: socket
    arguments: [{argument: family, operation: NotEqual, value: AF_UNIX}]
- action: allow
  names: [socket]
";

#[test]
fn each_trapped_call_leads_to_the_line_that_decides() {
    for on in ["x86_64", "i386", "s390x", "aarch64"] {
        let report = report(POLICY, on);
        let at = |line: usize| Some(format!("policy.yaml:{line}"));
        assert_eq!(line(&report, "execve", [0; 6]), at(9), "{on}");
        assert_eq!(line(&report, "execveat", [0; 6]), at(10), "{on}");
        assert_eq!(line(&report, "socket", [17, 0, 0, 0, 0, 0]), at(16), "{on}");
        assert_eq!(line(&report, "socket", [2, 0, 0, 0, 0, 0]), None, "{on}: errno is not reported");
        assert_eq!(line(&report, "socket", [1, 0, 0, 0, 0, 0]), None, "{on}");
        assert_eq!(line(&report, "read", [0; 6]), None, "{on}");
        assert_eq!(line(&report, "openat", [0; 6]), at(1), "{on}");
        let why = |place: &str| report.lines.iter().find(|line| line.place == place).map(|line| &*line.why);
        assert_eq!(why("policy.yaml:9"), Some(""), "{on}");
        assert_eq!(why("policy.yaml:1"), Some("not listed, so `default_action` decides"), "{on}");
        assert_eq!(why("policy.yaml:2"), Some("newer than Linux 7.2, so `newer_syscalls` decides"), "{on}");
        assert!(
            why("policy.yaml:3").is_some_and(|why| why.ends_with("`foreign_architecture` decides")),
            "{on}"
        );
    }
}

#[test]
fn a_call_that_no_rule_decides_comes_with_what_to_do() {
    let trapping = |groups: &str| {
        let report = report(&format!("default_action: trap\nsyscalls:\n{groups}"), "x86_64");
        let first = report.lines.iter().find(|line| line.why.starts_with("not listed"));
        (report.clone(), first.and_then(|line| line.advice.clone()).expect("there is one"))
    };
    let own = "names: [write, gettid, rt_sigreturn]";
    let (_, advice) = trapping(&format!("- action: allow\n  {own}\n- {{action: errno, names: [execve]}}\n"));
    assert_eq!(advice, ["to allow it, add `", "` to the names at policy.yaml:4"]);
    let elsewhere =
        format!("- action: allow\n  {own}\n- action: allow\n  architectures: [aarch64]\n  names: [read]\n");
    let (_, advice) = trapping(&elsewhere);
    assert_eq!(advice[1], "` to the names at policy.yaml:4", "the other group is not for this architecture");
    let conditions = "arguments: [{argument: fd, operation: Equal, value: 2}]";
    let (report, advice) = trapping(&format!(
        "- action: log\n  {own}\n- action: allow\n  names_with_args:\n  - name: close\n    {conditions}\n"
    ));
    assert_eq!(advice, ["to allow it, add `{action: allow, names: [", "]}` to `syscalls` of policy.yaml"]);
    let close = report.lines.iter().find(|line| line.why.starts_with("only listed"));
    let close = close.expect("close is listed with conditions");
    assert_eq!(close.why, "only listed with other arguments (policy.yaml:7), so `default_action` decides");
    assert_eq!((&*close.place, &close.advice), ("policy.yaml:1", &None));
    assert_eq!(line(&report, "close", [1, 0, 0, 0, 0, 0]), Some("policy.yaml:1".to_owned()));
    assert_eq!(line(&report, "close", [2, 0, 0, 0, 0, 0]), None);
}

#[test]
fn only_calls_that_can_be_trapped_are_named_with_their_widths_and_constants() {
    let report = report(POLICY, "x86_64");
    let [(audit, calls)] = &report.calls[..] else { panic!("{:?}", report.calls) };
    assert_eq!(*audit, architecture("x86_64").audit());
    let described = |name: &str| calls.lines().find(|line| line.split(' ').nth(1) == Some(name));
    // The families of a call's arguments, by position.
    let families = |name: &str| -> Vec<(usize, &str)> {
        let line = described(name).expect("it can be trapped");
        let pairs = line.split(' ').skip(3).filter_map(|pair| pair.split_once(':'));
        let number = |text: &str| usize::from_str_radix(text, 16).expect("a number");
        pairs.map(|(position, family)| (number(position), &*report.families[number(family)])).collect()
    };
    assert_eq!(described("read"), None, "it is always allowed");
    assert_eq!(described("getppid"), Some("6e getppid "));
    assert_eq!(described("mkdirat"), Some("102 mkdirat ado"));
    assert!(described("openat").is_some_and(|line| line.starts_with("101 openat adwo 2:")));
    let [(0, family), (1, kind)] = families("socket")[..] else { panic!("{:?}", families("socket")) };
    assert!(family.starts_with("- AF_ UNSPEC,UNIX,INET,AX25,"), "{family}");
    assert!(family.contains(",PACKET,"), "{family}");
    assert_eq!(kind, "f SOCK_ STREAM=1,DGRAM,RAW,RDM,SEQPACKET,DCCP,PACKET=a,NONBLOCK=800,CLOEXEC=80000");
    assert_eq!(families("mprotect"), [(2, "0 PROT_ NONE,READ,WRITE,EXEC,SEM,GROWSDOWN=1000000,GROWSUP")]);
    assert_eq!(families("open"), families("openat").iter().map(|(_, of)| (1, *of)).collect::<Vec<_>>());
    let unused = (0..report.families.len()).find(|index| !calls.contains(&format!(":{index:x}")));
    assert_eq!(unused, None, "only families of these calls are there");
}

#[test]
fn with_compat_the_calls_of_each_abi_are_named() {
    let report = report(&format!("compat: true\n{POLICY}"), "x86_64");
    let audits: Vec<u32> = report.calls.iter().map(|(audit, _)| *audit).collect();
    assert_eq!(audits, [architecture("i386").audit(), architecture("x86_64").audit()]);
    let [(_, i386), (_, both)] = &report.calls[..] else { unreachable!("there are two") };
    assert!(i386.contains("\nb execve www\n"), "{i386}");
    assert!(both.lines().any(|line| line == "3b execve ddd"), "{both}");
    // x32 shares the audit architecture.
    assert!(both.lines().any(|line| line.starts_with("40000208 execve ")), "{both}");
}

#[test]
fn what_the_reporter_calls_itself_must_be_allowed() {
    let policy =
        |names: &str| format!("default_action: trap\nsyscalls:\n- action: allow\n  names: [{names}]\n");
    let refused = |names: &str, reporter: Reporter| match reporting(&policy(names), "x86_64", reporter) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| problem.message.clone()).collect(),
    };
    let exits = Reporter::new(Then::Exit(3));
    assert_eq!(refused("write, gettid, rt_sigreturn", REPORTER), [""; 0]);
    assert_eq!(refused("write, gettid, exit_group", exits), [""; 0]);
    let said = refused("write, gettid, exit_group", REPORTER);
    assert_eq!(
        said,
        ["the reporter itself makes rt_sigreturn(…) on x86_64, which this policy answers with trap(0)"]
    );
    assert_eq!(refused("write, gettid, rt_sigreturn", exits).len(), 1);
    assert_eq!(refused("rt_sigreturn", REPORTER).len(), 2);
}

#[test]
fn standard_error_is_enough_unless_there_is_another_descriptor() {
    let policy = "\
default_action: trap
syscalls:
- action: log
  names: [gettid, rt_sigreturn]
- action: allow
  names_with_args:
  - {name: write, arguments: [{argument: fd, operation: LessOrEqual, value: 2}]}
";
    assert!(reporting(policy, "aarch64", REPORTER).is_ok(), "to log is to make the call");
    let problems = reporting(policy, "aarch64", REPORTER.to(ReportTo::AnyDescriptor));
    let problems = problems.expect_err("it may be any descriptor").to_string();
    assert!(
        problems.contains("makes write(0x3, …) on aarch64, which this policy answers with trap(0)"),
        "{problems}"
    );
}

#[test]
fn a_report_needs_a_trap_and_an_architecture_that_has_a_reporter() {
    let code = |policy: &str, on: &str| {
        let problems = reporting(policy, on, REPORTER).expect_err("it is refused");
        problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    let allows = "default_action: allow\nsyscalls:\n- action: errno\n  names: [execve]\n";
    assert_eq!(code(allows, "x86_64"), [Code::NothingTraps]);
    assert_eq!(code(POLICY, "mips"), [Code::NoReporter]);
    let possible = Architecture::all().filter(|on| Report::is_possible_on(on)).count();
    assert_eq!(possible, 11);
}

/// What the documents say of them.
#[test]
fn the_sizes_of_what_a_report_puts_into_the_program_are_small() {
    let size = |policy: &str| {
        let report = report(policy, "x86_64");
        let calls: usize = report.calls.iter().map(|(_, text)| text.len()).sum();
        let families: usize = report.families.iter().map(|family| family.len() + 1).sum();
        let lines: usize = report.lines.iter().map(|line| line.to_string().len() + 1).sum();
        let line_finder = 8 * report.line_finder.program().instructions.len();
        println!(
            "calls {calls}, families {families}, lines {lines}, line_finder {line_finder} bytes\n{policy}"
        );
        calls + families + lines + line_finder
    };
    let by_default =
        "default_action: trap\nsyscalls:\n- action: allow\n  names: [\"@rust-std\", \"@rust-panic\"]\n";
    let five = "default_action: allow\nsyscalls:\n- action: trap\n  names: [execve, execveat, fork, vfork, ptrace]\n";
    assert!(size(by_default) < 13_000);
    assert!(size(five) < 1_500);
}

/// The two lists are far apart: the runtime has no tables, the compiler no registers.
#[test]
fn the_runtime_knows_the_frames_of_the_architectures_that_can_report() {
    let frames = include_str!("../../../seccomp-runtime/src/frame.rs");
    for architecture in Architecture::all() {
        let cfg = match architecture.name() {
            "x32" => "x86_64",
            "i386" => "x86",
            "aarch64_be" => "aarch64",
            "armeb" => "arm",
            name => name,
        };
        let known = frames.contains(&format!("cfg!(target_arch = \"{cfg}\")"))
            || frames.contains(&format!("cfg!(all(target_arch = \"{cfg}\", target_pointer_width = \"64\"))"));
        assert_eq!(known, Report::is_possible_on(architecture), "{architecture}");
    }
}
