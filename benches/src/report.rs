//! BENCHMARKS.md: the figures as tables, each under what it means and how it was got.

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
    /// Of the refused numbers those that are calls.
    calls: Executed,
}

impl Row {
    /// What less of is better, by its name in the table.
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

/// Measures everything and gives the text; what is missing on this machine is said in it.
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

/// The peers that build on this machine; the others are said loudly.
pub(crate) fn peers(text: &mut String) -> Vec<Contender> {
    let mut there = Vec::new();
    for peer in CONTENDERS.into_iter().filter(|contender| *contender != Contender::Ours) {
        match peer.build() {
            Ok(()) => there.push(peer),
            Err(error) => {
                let name = peer.name();
                eprintln!("!!! {name} is NOT MEASURED: it is not here, or does not build\n{error}");
                let _infallible =
                    writeln!(text, "**{name} was not on this machine, and is missing below.**\n");
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

/// What counts; without it cells say "not measured".
fn tools(text: &mut String) {
    for tool in ["valgrind", "callgrind_annotate", "strace", "strip", "cc"] {
        let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_err() {
            eprintln!("!!! `{tool}` is NOT INSTALLED: what it counts is not measured");
            let _infallible =
                writeln!(text, "**`{tool}` was not installed: what it counts is missing below.**\n");
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
         Figures without a clock come first; they are the same on every run. Times are only compared within the run.\n\n\
         ![Length and executed instructions](docs/benchmarks.svg)\n\n",
        line("date", &["+%Y-%m-%d"]),
        line("uname", &["-sr"]),
        line("rustc", &["--version"]),
    )
}

const PROGRAMS: &str = "\
## Programs

Each policy as compiled here, and as the peers' own code makes it of the same numbers and conditions: libseccomp through
its crate, at its default level and at its search tree; seccompiler; and Minijail's compiler, by either of its strategies,
where `MINIJAIL_TOOLS` names the `tools` of its repository. x86_64. Executed instructions are `mean / worst`:

- *allowed*, *refused*: numbers of the table with one answer, each counted once. The table goes from the lowest number of a
  call to the highest, and numbers between them that no call has are refused too, and looked up when a filter is installed;
- *checked*: numbers whose arguments decide, called with arguments at the boundaries of every condition and allowed: the
  mean over the numbers;
- *calls*: of the refused, those numbers that are calls;
- *histogram*: numbers as often as git, cargo and a Python web server made them (`benches/data/histogram.csv`);
- *installed*: instructions that the kernel follows over the table when the filter is installed, to fill its cache.

The chart's means are over all numbers of the table, each once.

Ours weighs allowed calls less than others. On kernels from 5.11 on, allowed calls without conditions are answered from the kernel's cache, whoever made the filter: at
run time all of these are equal there. The proof includes it for ours: `cached`.

*Proof* says what the project's own proof makes of a program: `equal` to the policy on every call, or `as asked`: equal to
what could be asked of the peer. libseccomp takes x32's calls for foreign ones and orders by 64 bits; Minijail compares 64
bits but for zero and single bits; it and seccompiler take x32's calls for numbers like others, and kill for foreign ABIs;
seccompiler has one action for all entries. Ours answers x32's calls with ENOSYS, which takes two instructions that no other
program has.

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
            "\nA program of `>=` and `=` tests of the number takes at least {least} instructions: between any two \
             neighbouring numbers with different answers stands a test of one of them, and one `=` test stands in two \
             such places at most. Tests of single bits stand in more, so that a program with them can be shorter."
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

/// How many instructions a program has at least that tests no bits, where no arguments are tested.
fn shortest_of_comparisons(policy: Policy) -> Option<usize> {
    let compiled = policy.compiled(x86_64())?;
    let rules = compiled.rules();
    let space = &rules.abis[0];
    if space.rules.iter().any(|rule| !rule.conditions.is_empty()) {
        return None;
    }
    let table = space.architecture.table();
    let arch = space.architecture.audit();
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

/// Lengths on every architecture, of the policy that is for all of them.
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
            "\nWith `#[policy]`, which also says why a filter is not in place, `main` takes {} instructions more, and our \
             bytes are {}.",
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
The system call alone, for the programs of the first table, each in a child of one process in turns, 1000 rounds; the last
column is ours as a share of theirs, by the least. What a single instruction costs is the kernel's own, and no filter is
below it; of the rest about half is the length and half the run over the table.

| | least | median | share |
|---|--:|--:|--:|
";

const STARTUP: &str = "\
## Start-up

Programs with the container default, written as each library's users would, against one without a filter. Instructions are
those of the process from before the first to after the last call for the filter (callgrind; `benches/peers/kernel.c`
stands in for the kernel there). Allocations (memcheck), system calls (strace) and bytes of the stripped file are on top of
the program without a filter; our bytes are 8 for each instruction and the code that installs them. Crates are those in the
tree, ours with all that builds the macro. libseccomp is a shared library besides, and is given numbers, not names.

Times are multiples of ours: from the start of `main` to the filter in place, over 300 rounds in each of which every program
runs once. *Least* compares the least of each, the work itself where nothing disturbed it; *median* has in it what else the
machine did, which weighs more on what takes less. The goals, 15 for seccompiler and 25 for libseccomp, are held to the least.

| | instructions | allocations | system calls | bytes | crates | least | median |
|---|--:|--:|--:|--:|--:|--:|--:|
";

/// Writes the report and its chart into the project.
pub(crate) fn write() -> std::io::Result<()> {
    let (text, chart) = report();
    std::fs::write(project().join("docs/benchmarks.svg"), chart)?;
    std::fs::write(project().join("BENCHMARKS.md"), text)
}
