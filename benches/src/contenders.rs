//! Programs for the same policy: ours, and what the peers' own code makes of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use seccomp_compiler::{
    Architecture, Comparison, Endian, Instruction, Program, Rule, RuleSet, Space, Verdict, opcode, verify,
};

use crate::policies::project;

/// A way to make a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    Ours,
    Libseccomp { level: u8 },
    Seccompiler,
}

pub(crate) const CONTENDERS: [Contender; 4] = [
    Contender::Ours,
    Contender::Libseccomp { level: 1 },
    Contender::Libseccomp { level: 2 },
    Contender::Seccompiler,
];

/// How a program compares with the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Equality {
    /// Proved: the same answer to every call of every ABI.
    Proved,
    /// Proved to be what was asked of the peer, whose interface cannot say all of the policy: see [`Contender::asked`].
    ProvedAsAsked,
    /// It answers some call otherwise.
    Differs,
}

impl Contender {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Ours => "this project".to_owned(),
            Self::Libseccomp { level } => format!("libseccomp, level {level}"),
            Self::Seccompiler => "seccompiler".to_owned(),
        }
    }

    /// Builds what makes the peer's programs; an error where its library is not installed.
    pub(crate) fn build(self) -> Result<(), String> {
        match self {
            Self::Ours => Ok(()),
            Self::Libseccomp { .. } => build("libseccomp", "emit-libseccomp"),
            Self::Seccompiler => build("seccompiler", "emit-seccompiler"),
        }
    }

    /// The peer's program for these rules.
    pub(crate) fn program(self, rules: &RuleSet, ours: &Program) -> Option<Program> {
        let (binary, arguments) = match self {
            Self::Ours => return Some(ours.clone()),
            Self::Libseccomp { level } => ("emit-libseccomp", vec![level.to_string()]),
            Self::Seccompiler => ("emit-seccompiler", Vec::new()),
        };
        let mut child = Command::new(target().join("release").join(binary))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(as_text(rules).as_bytes()).ok()?;
        let output = child.wait_with_output().ok()?;
        output.status.success().then(|| Program::from_bytes(&output.stdout, Endian::Little))?
    }

    /// Whether the program answers as the rules do, as far as the peer's interface lets one say.
    pub(crate) fn equality(self, rules: &RuleSet, program: &Program) -> Equality {
        let program = without_dead_code(program);
        if verify(rules.clone(), program.clone()).is_ok() {
            Equality::Proved
        } else if verify(self.asked(rules), program).is_ok() {
            Equality::ProvedAsAsked
        } else {
            Equality::Differs
        }
    }

    /// The rules as the peer was asked for them. To libseccomp x32's calls, but for the number -1, are those of a
    /// foreign ABI, and `<` and `>=` compare 64 bits; seccompiler takes x32's calls for numbers like others, and has one
    /// action for all entries.
    fn asked(self, rules: &RuleSet) -> RuleSet {
        let mut rules = rules.clone();
        let (foreign, default) = (rules.foreign, rules.spaces[0].default);
        let Some(first) = rules.spaces[0].rules.first().cloned() else { return rules };
        let own = &mut rules.spaces[0].rules;
        match self {
            Self::Ours => {}
            Self::Seccompiler => own.retain(|rule| rule.verdict == first.verdict),
            Self::Libseccomp { .. } => {
                for test in own.iter_mut().flat_map(|rule| &mut rule.tests) {
                    if test.comparison == Comparison::AtLeast {
                        test.mask = u64::MAX;
                    }
                }
            }
        }
        for space in rules.spaces.iter_mut().skip(1) {
            let all = if self == Self::Seccompiler { default } else { foreign };
            (space.default, space.newer) = (all, all);
            if self != Self::Seccompiler {
                space.rules =
                    vec![Rule { number: u32::MAX, tests: Vec::new(), verdict: default, ..first.clone() }];
            }
        }
        rules
    }
}

/// The program without instructions that no jump leads to, which the proof refuses and some peers emit.
fn without_dead_code(program: &Program) -> Program {
    let next = |at: usize| {
        let Instruction { code, jt, jf, k } = program.instructions[at];
        match code {
            opcode::RETURN => vec![],
            opcode::JUMP => vec![at + 1 + k as usize],
            opcode::JUMP_EQUAL | opcode::JUMP_ABOVE | opcode::JUMP_AT_LEAST | opcode::JUMP_ANY_BIT => {
                vec![at + 1 + usize::from(jt), at + 1 + usize::from(jf)]
            }
            _ => vec![at + 1],
        }
    };
    let count = program.instructions.len();
    let mut reached = vec![false; count];
    let mut pending = vec![0];
    while let Some(at) = pending.pop().filter(|at| *at < count) {
        if !core::mem::replace(&mut reached[at], true) {
            pending.extend(next(at));
        }
    }
    let live = |from: usize, to: usize| reached[from..to].iter().filter(|reached| **reached).count();
    let kept = (0..count).filter(|at| reached[*at]).map(|at| {
        let Instruction { code, jt, jf, k } = program.instructions[at];
        let skip = |by: usize| live(at + 1, at + 1 + by);
        let short = |by: u8| u8::try_from(skip(by.into())).unwrap_or(by);
        let k = if code == opcode::JUMP { u32::try_from(skip(k as usize)).unwrap_or(k) } else { k };
        Instruction { code, jt: short(jt), jf: short(jf), k }
    });
    Program { instructions: kept.collect(), endian: program.endian }
}

/// The policy as the peers' binaries read it: a line for the default and for each entry.
fn as_text(rules: &RuleSet) -> String {
    let Space { rules, default, .. } = &rules.spaces[0];
    let mut text = format!("default {}\n", action(*default));
    for rule in rules {
        let _infallible = write!(text, "entry {} {}", action(rule.verdict), rule.number);
        for test in &rule.tests {
            let at_least = u8::from(test.comparison == Comparison::AtLeast);
            let (argument, mask, value, expected) =
                (test.argument, test.mask, test.value, u8::from(test.expected));
            let _infallible = write!(text, " {argument} {mask} {at_least} {value} {expected}");
        }
        text.push('\n');
    }
    text
}

fn action(verdict: Verdict) -> String {
    match verdict {
        Verdict::Allow => "allow".to_owned(),
        Verdict::Errno(errno) => format!("errno:{errno}"),
        Verdict::Trap(_) => "trap".to_owned(),
        _ => "kill".to_owned(),
    }
}

/// The policy as Rust data and as seccompiler's JSON, for programs that have it compiled in.
pub(crate) fn write_data(rules: &RuleSet) -> std::io::Result<()> {
    let folder = data();
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("policy.rs"), as_rust(rules))?;
    std::fs::write(folder.join("policy.json"), as_json(rules))
}

fn as_rust(rules: &RuleSet) -> String {
    let Space { rules, default, .. } = &rules.spaces[0];
    let action = |verdict: Verdict| match verdict {
        Verdict::Allow => "Action::Allow".to_owned(),
        Verdict::Errno(errno) => format!("Action::Errno({errno})"),
        Verdict::Trap(_) => "Action::Trap".to_owned(),
        _ => "Action::KillProcess".to_owned(),
    };
    let mut text = format!(
        "pub static POLICY: Policy<'static> = Policy {{ default: {}, entries: &[\n",
        action(*default)
    );
    for rule in rules {
        let mut conditions = String::new();
        for test in &rule.tests {
            let _infallible = write!(
                conditions,
                "Condition {{ argument: {}, mask: {}, at_least: {}, value: {}, expected: {} }}, ",
                test.argument,
                test.mask,
                test.comparison == Comparison::AtLeast,
                test.value,
                test.expected
            );
        }
        let _infallible = writeln!(
            text,
            "Entry {{ number: {}, action: {}, conditions: &[{conditions}] }},",
            rule.number,
            action(rule.verdict)
        );
    }
    text + "] };\n"
}

/// Names that seccompiler's table for JSON lacks.
const NOT_IN_JSON: [&str; 4] = ["setxattrat", "getxattrat", "listxattrat", "removexattrat"];

fn as_json(rules: &RuleSet) -> String {
    let Space { rules, architecture, .. } = &rules.spaces[0];
    let mut entries: Vec<String> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.verdict == Verdict::Allow) {
        let Some(name) = architecture.syscall_name(rule.number).filter(|name| !NOT_IN_JSON.contains(name))
        else {
            continue;
        };
        let condition = |test: &seccomp_compiler::ArgTest| {
            let whole = test.mask == u64::MAX || test.mask == u64::from(u32::MAX);
            let operator = match (test.comparison, test.expected) {
                (Comparison::AtLeast, true) => "\"ge\"".to_owned(),
                (Comparison::AtLeast, false) => "\"lt\"".to_owned(),
                (Comparison::Equal, _) if whole => "\"eq\"".to_owned(),
                (Comparison::Equal, _) => format!("{{\"masked_eq\": {}}}", test.mask),
            };
            let width = if test.mask >> 32 == 0 { "dword" } else { "qword" };
            let (index, value) = (test.argument, test.value);
            format!("{{\"index\": {index}, \"type\": \"{width}\", \"op\": {operator}, \"val\": {value}}}")
        };
        let conditions: Vec<String> = rule.tests.iter().map(condition).collect();
        entries.push(if conditions.is_empty() {
            format!("{{\"syscall\": \"{name}\"}}")
        } else {
            format!("{{\"syscall\": \"{name}\", \"args\": [{}]}}", conditions.join(", "))
        });
    }
    format!(
        "{{\"main\": {{\"mismatch_action\": {{\"errno\": 1}}, \"match_action\": \"allow\", \"filter\": [{}]}}}}",
        entries.join(",\n")
    )
}

/// Builds one binary of the peers' package with one feature, so that it holds nothing of the others.
pub(crate) fn build(feature: &str, binary: &str) -> Result<(), String> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--bin", binary, "--features", feature, "--manifest-path"])
        .arg(project().join("benches/peers/Cargo.toml"))
        .arg("--target-dir")
        .arg(target())
        .env("BENCH_DATA", data())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(text) }
}

/// Where the peers are built.
pub(crate) fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    chosen.unwrap_or_else(|| project().join("target")).join("benches")
}

fn data() -> PathBuf {
    target().join("data")
}

/// How often real programs made each call, by its number: `benches/data/histogram.csv`.
pub(crate) fn histogram(architecture: &Architecture) -> BTreeMap<u32, u64> {
    let lines = include_str!("../data/histogram.csv").lines();
    let counted = lines.filter_map(|line| line.split_once(','));
    let numbered =
        counted.filter_map(|(name, count)| Some((architecture.syscall_number(name)?, count.parse().ok()?)));
    numbered.collect()
}
