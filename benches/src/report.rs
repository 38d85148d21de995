//! BENCHMARKS.md: the figures as tables, each preceded by what it means and how it was measured.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use seccomp_compiler::{Architecture, Call, Compiled, Endian, Instruction, Program, Verdict, opcode};

use crate::asked::{Equality, equality};
use crate::calls::classes;
use crate::chart::{Group, svg};
use crate::contenders::{CONTENDERS, Contender, Made, histogram};
use crate::metrics::{Executed, Metrics};
use crate::policies::{POLICIES, Policy, project, x86_64};
use crate::startup::{self, ATTRIBUTE, Ratio, STARTERS, Starter};
use crate::{building, corpus};

/// One contender's program for one policy, measured.
struct Row {
    contender: Contender,
    program: Program,
    equality: Equality,
    metrics: Metrics,
    /// Those refused numbers that belong to a call.
    calls: Executed,
}

impl Row {
    /// The figures of which less is better, with their names in the table.
    fn figures(&self) -> [(&'static str, f64); 7] {
        let Metrics { length, allowed, checked, refused, histogram, at_install, .. } = &self.metrics;
        [
            ("length", *length as f64),
            ("allowed", allowed.mean()),
            ("checked", checked.mean()),
            ("refused", refused.mean()),
            ("calls", self.calls.mean()),
            ("histogram", histogram.mean()),
            ("installed", *at_install as f64),
        ]
    }
}

/// Measures everything and returns the text and the chart. The text says what is missing on this machine.
pub(crate) fn report() -> (String, String) {
    let mut text = introduction();
    let peers = peers(&mut text);
    versions(&mut text, &peers);
    tools(&mut text);
    text.push_str(PROGRAMS);
    let mut groups = Vec::new();
    let mut first = Vec::new();
    for policy in POLICIES {
        let rows = rows(policy, &peers);
        programs_table(&mut text, policy, &rows);
        let shown =
            rows.iter().map(|row| (row.contender.name(), row.metrics.length, row.metrics.all_numbers.mean()));
        groups.push(Group { title: policy.title.to_owned(), rows: shown.collect() });
        if first.is_empty() {
            first = rows;
        }
    }
    architectures_table(&mut text);
    text.push_str(&corpus::section(&peers).0);
    startup_tables(&mut text, &first);
    building::tables(&mut text);
    (text, svg(&groups))
}

/// The peers that build on this machine. The others are reported on standard error and in the text.
pub(crate) fn peers(text: &mut String) -> Vec<Contender> {
    let mut there = Vec::new();
    for peer in CONTENDERS.into_iter().filter(|contender| *contender != Contender::Ours) {
        match peer.build() {
            Ok(()) => there.push(peer),
            Err(error) => {
                let name = peer.name();
                eprintln!("!!! {name} is NOT MEASURED: it is not installed, or does not build\n{error}");
                let _infallible =
                    writeln!(text, "**{name} was not available on this machine, and is missing below.**\n");
            }
        }
    }
    there
}

/// Which peers these are.
fn versions(text: &mut String, peers: &[Contender]) {
    let mut versions: Vec<String> = peers.iter().map(|peer| peer.version()).collect();
    versions.dedup();
    let _infallible = writeln!(text, "Compared with {}.\n", versions.join(", "));
}

/// The tools that count. Without them, cells say "not measured".
fn tools(text: &mut String) {
    for tool in ["valgrind", "callgrind_annotate", "strace", "strip", "cc"] {
        let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_err() {
            eprintln!("!!! `{tool}` is NOT INSTALLED: what it counts is not measured");
            let _infallible =
                writeln!(text, "**`{tool}` was not installed; what it counts is missing below.**\n");
        }
    }
}

fn introduction() -> String {
    let line = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        text.unwrap_or_else(|| "unknown".to_owned())
    };
    let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        model.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("unknown").to_owned();
    format!(
        "# Benchmarks\n\n\
         Written by `cargo run --release -p benches` on {}: {model}, {}, {}.\n\n\
         Figures that do not involve a clock come first, and are the same in every run. Times are only comparable within the run.\n\n\
         ![Length and executed instructions](docs/benchmarks.svg)\n\n",
        line("date", &["+%Y-%m-%d"]),
        line("uname", &["-sr"]),
        line("rustc", &["--version"]),
    )
}

const PROGRAMS: &str = "\
## Programs

Each policy is compiled by this project and, from the same numbers and conditions, by the peers' own code: libseccomp through
its crate, at its default level and with its binary tree; seccompiler; and Minijail's compiler with both of its strategies, if
`MINIJAIL_TOOLS` names the `tools` folder of its repository. The target is x86_64. Executed instructions are given as
`mean / worst`:

- *allowed*, *refused*: numbers of the table with a single answer, each counted once. The table extends from the lowest to the
  highest number of a call. Numbers in between that belong to no call are refused too, and are also looked up when a filter is
  installed.
- *checked*: numbers whose arguments decide, averaged over the numbers. Each is called with allowed arguments at the boundaries of
  every condition.
- *calls*: those refused numbers that belong to a call.
- *histogram*: numbers as often as git, cargo and a Python web server called them (`benches/data/histogram.csv`).
- *installed*: the instructions that the kernel follows over the whole table to fill its cache when the filter is installed.

The chart shows means over all numbers of the table, each counted once.

We give allowed calls less weight than others, because since Linux 5.11 the kernel answers allowed calls without conditions from
its cache, whichever compiler made the filter. At run time, all these filters are equally fast for them. For our filters, the
proof covers this: `cached`.

*Proof* is the verdict of this project's proof on a program: `equal` means equal to the policy on every call, and `as asked` equal
to what the peer can be asked for. libseccomp treats x32 calls as foreign and orders by 64 bits. Minijail compares 64 bits, except
for zero and single bits. Minijail and seccompiler treat x32 calls as ordinary numbers and kill foreign ABIs. seccompiler has one
action for all entries. Our filters answer x32 calls with ENOSYS, which takes two instructions that no other program has.

";

fn rows(policy: Policy, peers: &[Contender]) -> Vec<Row> {
    let Some(compiled) = policy.compiled(x86_64()) else { return Vec::new() };
    let rules = compiled.rules();
    let (classes, histogram) = (classes(rules), histogram(x86_64()));
    let mut calls = self::classes(rules);
    calls.retain(|number, _| x86_64().syscall_name(*number).is_some());
    let row = |contender: Contender| {
        let Made { program, asked } = contender.made(rules)?;
        let equality = equality(rules, &asked, &program);
        let metrics = Metrics::of(&program, &classes, &histogram);
        let calls = Metrics::of(&program, &calls, &histogram).refused;
        Some(Row { contender, program, equality, metrics, calls })
    };
    core::iter::once(Contender::Ours).chain(peers.iter().copied()).filter_map(row).collect()
}

fn programs_table(text: &mut String, policy: Policy, rows: &[Row]) {
    let cached = policy.compiled(x86_64()).map_or(0, |compiled: Compiled| compiled.verified.proof().cached);
    let _infallible = writeln!(
        text,
        "### {} (`{}`, {cached} numbers always allowed, all proved cached)\n\n\
         | | length | allowed | checked | refused | calls | histogram | installed | proof |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|---|",
        policy.title, policy.path
    );
    for Row { contender, equality, metrics, calls, .. } in rows {
        let proof = match equality {
            Equality::Proved => "equal",
            Equality::ProvedAsAsked => "as asked",
            Equality::Differs => "differs",
        };
        let Metrics { length, allowed, checked, refused, histogram, at_install, .. } = metrics;
        let _infallible = writeln!(
            text,
            "| {} | {length} | {} | {} | {} | {} | {} | {at_install} | {proof} |",
            contender.name(),
            shown(allowed),
            shown(checked),
            shown(refused),
            shown(calls),
            shown(histogram)
        );
    }
    ahead(text, rows);
    if let Some(least) = shortest_of_comparisons(policy) {
        let _infallible = writeln!(
            text,
            "\nA program of `>=` and `=` tests of the number has at least {least} instructions: any two neighboring \
             numbers with different answers need a test of one of them, and a single `=` test serves at most two such \
             pairs. Tests of single bits can serve more, so a program that uses them can be shorter."
        );
    }
    text.push('\n');
}

/// Where each peer's mean or count is less than ours.
fn ahead(text: &mut String, rows: &[Row]) {
    let Some((ours, peers)) = rows.split_first() else { return };
    for peer in peers {
        let figures = ours.figures().into_iter().zip(peer.figures());
        let less: Vec<&str> =
            figures.filter(|(ours, theirs)| theirs.1 < ours.1).map(|(ours, _)| ours.0).collect();
        if !less.is_empty() {
            let _infallible = writeln!(text, "\n{} is ahead in: {}.", peer.contender.name(), less.join(", "));
        }
    }
}

/// The least number of instructions of a program that tests no bits, if the policy tests no arguments.
fn shortest_of_comparisons(policy: Policy) -> Option<usize> {
    let compiled = policy.compiled(x86_64())?;
    let rules = compiled.rules();
    let abi = &rules.abis[0];
    if abi.rules.iter().any(|rule| !rule.conditions.is_empty()) {
        return None;
    }
    let table = abi.architecture.table();
    let arch = abi.architecture.audit();
    let answer = |number| rules.decide(&Call { arch, number, ..Call::default() });
    let mut changes: Vec<u32> =
        (1..=table.end).filter(|number| answer(*number) != answer(number - 1)).collect();
    changes.extend([0x4000_0000].into_iter().filter(|first| answer(*first) != answer(first - 1)));
    let (mut tests, mut at) = (0, 0);
    while at < changes.len() {
        let both = changes.get(at + 1) == Some(&(changes[at] + 1));
        at += if both { 2 } else { 1 };
        tests += 1;
    }
    let mut answers: Vec<_> =
        changes.iter().map(|number| answer(*number)).chain([answer(0), rules.foreign]).collect();
    answers.sort_unstable();
    answers.dedup();
    // Two loads and the test of the architecture.
    Some(3 + tests + answers.len())
}

fn shown(executed: &Executed) -> String {
    if executed.worst() == 0 {
        "–".to_owned()
    } else {
        format!("{:.1} / {}", executed.mean(), executed.worst())
    }
}

/// Lengths on every architecture, for the policy that supports them all.
fn architectures_table(text: &mut String) {
    let policy = POLICIES[0];
    let _infallible = writeln!(
        text,
        "### {} on every architecture\n\n| | length | allowed | checked | refused | nodes of the proof |\n\
         |---|--:|--:|--:|--:|--:|",
        policy.title
    );
    for architecture in Architecture::all() {
        let Some(compiled) = policy.compiled(architecture) else { continue };
        let classes = classes(compiled.rules());
        let metrics = Metrics::of(compiled.program(), &classes, &histogram(architecture));
        let _infallible = writeln!(
            text,
            "| {architecture} | {} | {} | {} | {} | {} |",
            metrics.length,
            shown(&metrics.allowed),
            shown(&metrics.checked),
            shown(&metrics.refused),
            compiled.verified.proof().nodes
        );
    }
    text.push('\n');
}

fn over(value: Option<u64>, base: Option<u64>) -> String {
    match (value, base) {
        (Some(value), Some(base)) => value.saturating_sub(base).to_string(),
        _ => "not measured".to_owned(),
    }
}

const ROUNDS: usize = 300;
const INSTALLED: usize = 1000;

fn startup_tables(text: &mut String, rows: &[Row]) {
    text.push_str(STARTUP);
    let builds = |starter: &Starter| {
        let built = starter.build();
        if let Err(error) = &built {
            eprintln!("!!! {} is NOT STARTED: it does not build here\n{error}", starter.title);
        }
        built.is_ok()
    };
    let starters: Vec<_> = STARTERS.into_iter().filter(builds).collect();
    let counted: Vec<_> = starters.iter().map(|starter| starter.counted()).collect();
    let times = startup::times(&starters, ROUNDS);
    for ((starter, of), time) in starters.iter().zip(&counted).zip(&times).skip(1) {
        let ratio = time.map_or("not measured | ".to_owned(), |Ratio { least, median }| {
            format!("{least:.1} | {median:.1}")
        });
        let _infallible = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {ratio} |",
            starter.title,
            of.instructions.map_or("not measured".to_owned(), |count| count.to_string()),
            over(of.allocations, counted[0].allocations),
            over(of.system_calls, counted[0].system_calls),
            over(of.bytes, counted[0].bytes),
            of.crates.map_or("?".to_owned(), |count| count.to_string()),
        );
    }
    if ATTRIBUTE.build().is_ok() {
        // The first is a `main` that does nothing else.
        let [main, empty] = [ATTRIBUTE, STARTERS[0]].map(Starter::main_instructions);
        let _infallible = writeln!(
            text,
            "\nWith `#[policy]`, which also says why a filter could not be installed, `main` takes {} more instructions, and \
             our bytes are {}.",
            over(main, empty),
            over(ATTRIBUTE.stripped(), counted.first().and_then(|empty| empty.bytes))
        );
    }
    install_table(text, rows);
}

/// The first row is what any program costs.
fn install_table(text: &mut String, rows: &[Row]) {
    let one = Instruction { code: opcode::RETURN, jt: 0, jf: 0, k: Verdict::Allow.return_value() };
    let floor = Program { instructions: vec![one], endian: Endian::Little };
    let programs: Vec<Program> =
        core::iter::once(floor).chain(rows.iter().map(|row| row.program.clone())).collect();
    let times = startup::install_times(&programs, 1, INSTALLED);
    text.push_str(INSTALL);
    let names = core::iter::once("one instruction, `allow`".to_owned());
    for (name, time) in names.chain(rows.iter().map(|row| row.contender.name())).zip(times) {
        let ratio = time.map_or("not measured | | ".to_owned(), |Ratio { least, median }| {
            format!("{least:.2} | {median:.2} | {:.3}", 1.0 / least)
        });
        let _infallible = writeln!(text, "| {name} | {ratio} |");
    }
    text.push('\n');
}

const INSTALL: &str = "

The system call alone, for the programs of the first table, each in a child of one process and in turn, over 1000 rounds. The last
column is our time as a share of theirs, from the least times. What a single instruction costs is the kernel's own overhead, which
every filter pays. About half of the rest depends on the length, and half on the run over the table.

| | least | median | share |
|---|--:|--:|--:|
";

const STARTUP: &str = "\
## Start-up

Programs with the container default, written as users of each library would write them, compared with one without a filter.
Instructions are those of the process from before the first call for the filter until after the last (callgrind; there,
`benches/peers/kernel.c` takes the place of the kernel). Allocations (memcheck), system calls (strace) and the bytes of the stripped
file are in addition to those of the program without a filter; our bytes are 8 per instruction, plus the code that installs them.
Crates are those in the dependency tree, which for ours includes everything that builds the macro. libseccomp also needs a shared
library, and is given numbers, not names.

Times are multiples of ours, from the start of `main` until the filter is installed, over 300 rounds in which every program runs
once. *Least* compares the shortest time of each, which is the work itself without interference. *Median* includes what else the
machine did, which weighs more on shorter times. The goals, 15 for seccompiler and 25 for libseccomp, apply to the least.

| | instructions | allocations | system calls | bytes | crates | least | median |
|---|--:|--:|--:|--:|--:|--:|--:|
";

/// Writes the report and its chart into the project.
pub(crate) fn write() -> std::io::Result<()> {
    let (text, chart) = report();
    std::fs::write(project().join("docs/benchmarks.svg"), chart)?;
    std::fs::write(project().join("BENCHMARKS.md"), text)
}
