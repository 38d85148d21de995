//! The disassembly, with the names of what is tested and the lines of the policy behind it.

use core::fmt::Write as _;
use std::collections::{BTreeMap, BTreeSet};

use seccomp_compiler::{
    Architecture, Compiled, Instruction, Locator, OverBudget, Place, Trace, Verdict, Word, opcode,
};

use super::format::{Content, Format};
use super::reach::{Reached, reached};

pub(super) const FORMAT: Format = Format {
    name: "asm",
    summary: "The disassembly, one instruction per line, with names and the lines of the policy as comments",
    content: Content::Text,
    write: |compiled| listing(compiled).into_bytes(),
};

/// At most this many of several names or line numbers are shown.
const SHOWN: usize = 4;

fn listing(compiled: &Compiled) -> String {
    let listing = compiled.program().to_string();
    let reached = reached(compiled.program(), compiled.rules());
    let trace = compiled.trace();
    let mut lines = Lines::new(compiled);
    let mut text = String::new();
    let rows = listing.lines().zip(&compiled.program().instructions).zip(&reached).enumerate();
    for (at, ((row, instruction), reached)) in rows {
        let (code, usual) = row.split_once("  ; ").unwrap_or((row, ""));
        let comment = match instruction.code {
            opcode::LOAD => usual.to_owned(),
            opcode::RETURN => {
                let verdict = Verdict::from_return_value(instruction.k);
                verdict.display(compiled.architecture).to_string()
            }
            _ => tested(compiled, *instruction, reached),
        };
        let behind = behind(compiled, trace.as_ref(), at, *instruction, reached);
        let behind = lines.named(&behind);
        let comment =
            [comment, behind].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ");
        let _infallible = match comment.is_empty() {
            true => writeln!(text, "{code}"),
            false => writeln!(text, "{code:<32}; {comment}"),
        };
    }
    if trace.is_err() {
        text.push_str("; the policy is too entangled to tell which of its lines are behind the answers\n");
    }
    text
}

/// The places behind an instruction: those of the rules for the call that a number is compared with; and where an
/// argument is tested or an answer given, those that a trace finds.
fn behind(
    compiled: &Compiled,
    trace: Result<&Trace, &OverBudget>,
    at: usize,
    instruction: Instruction,
    reached: &Reached,
) -> Vec<Place> {
    match (instruction.code, reached.tested) {
        (opcode::JUMP_EQUAL, Some((Word::Number, u32::MAX))) => {
            let abis = abis(reached);
            let rules = abis.iter().flat_map(|abi| compiled.rules().abis[*abi].reachable(instruction.k));
            rules.map(|rule| compiled.origins.source(rule.origin).place).collect()
        }
        (_, Some((Word::Arch | Word::Number, _))) => Vec::new(),
        _ => trace.map_or(Vec::new(), |trace| trace.behind(at).to_vec()),
    }
}

/// The ABIs of the calls that get to an instruction.
fn abis(reached: &Reached) -> BTreeSet<usize> {
    reached.calls.iter().map(|(abi, _)| *abi).collect()
}

/// What a test asks, in names.
fn tested(compiled: &Compiled, instruction: Instruction, reached: &Reached) -> String {
    let Some((word, mask)) = reached.tested else { return String::new() };
    let abi = |index: usize| compiled.rules().abis[index].architecture;
    let k = instruction.k;
    let relation = relation(instruction);
    let texts = match word {
        Word::Arch => Architecture::all()
            .filter(|of| of.audit() == k)
            .map(Architecture::audit_name)
            .map(str::to_owned)
            .take(1)
            .collect(),
        Word::Number if relation == "&" || mask != u32::MAX => BTreeSet::new(),
        Word::Number => {
            let names = abis(reached).into_iter().filter_map(|index| number(abi(index), k));
            let relation = if relation == "==" { String::new() } else { format!("{relation} ") };
            names.map(|name| format!("{relation}{name}")).collect()
        }
        Word::Low(argument) | Word::High(argument) => {
            let is_high = matches!(word, Word::High(_));
            let mut calls: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
            for (index, number) in &reached.calls {
                let Some(call) = abi(*index).syscall_name(*number) else { continue };
                let test = condition(abi(*index), call, usize::from(argument), is_high, mask, relation, k);
                calls.entry(test).or_default().insert(call);
            }
            let tests =
                calls.into_iter().map(|(test, calls)| format!("{}: {test}", some(calls.into_iter(), ", ")));
            tests.collect::<BTreeSet<_>>()
        }
        Word::PointerHigh | Word::PointerLow => BTreeSet::new(),
    };
    // Such as a number that no call has.
    if texts.is_empty() {
        return format!("{word} {relation} {k:#x}");
    }
    some(texts.into_iter(), "; ")
}

const fn relation(instruction: Instruction) -> &'static str {
    match instruction.code {
        opcode::JUMP_EQUAL => "==",
        opcode::JUMP_ABOVE => ">",
        opcode::JUMP_AT_LEAST => ">=",
        _ => "&",
    }
}

/// The call with a number, or what begins there.
fn number(abi: &'static Architecture, k: u32) -> Option<String> {
    let sibling = abi.sibling().map(|(sibling, _)| sibling);
    let first = [Some(abi), sibling].into_iter().flatten().find(|of| k != 0 && of.table().start == k);
    match (first, abi.syscall_name(k)) {
        (Some(of), _) => Some(format!("the first call of {of}")),
        (None, Some(name)) => Some(name.to_owned()),
        (None, None) if k >= abi.table_end() => Some("the end of the table".to_owned()),
        (None, None) => None,
    }
}

/// A test of a word of an argument: `family == AF_UNIX`.
fn condition(
    abi: &Architecture,
    call: &str,
    argument: usize,
    is_high: bool,
    mask: u32,
    relation: &str,
    k: u32,
) -> String {
    let name = abi.argument_name(call, argument).map_or_else(|| format!("args[{argument}]"), str::to_owned);
    let value = if is_high { format!("{k:#x}") } else { abi.argument_value(call, argument, k.into()) };
    let half = if is_high { ".high" } else { "" };
    let mask = if mask == u32::MAX { String::new() } else { format!(" & {mask:#x}") };
    format!("{name}{half}{mask} {relation} {value}")
}

/// The first few of several, and how many more there are.
fn some<T: AsRef<str>>(items: impl ExactSizeIterator<Item = T>, separator: &str) -> String {
    let more = items.len().saturating_sub(SHOWN);
    let shown: Vec<T> = items.take(SHOWN).collect();
    let shown: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{rest}", shown.join(separator))
}

/// Where places are, as lines of files.
struct Lines<'a> {
    locator: Locator<'a>,
    own: &'a str,
}

impl<'a> Lines<'a> {
    fn new(compiled: &'a Compiled) -> Self {
        let own = compiled.sources.iter().next().map_or("", |file| file.name());
        Self { locator: Locator::new(&compiled.sources), own }
    }

    /// `(lines 3, 5-8, base.yaml:2)`; a place that is nowhere in the policy is a default that it leaves out.
    fn named(&mut self, places: &[Place]) -> String {
        let mut files: BTreeMap<(bool, &str), BTreeSet<usize>> = BTreeMap::new();
        for place in places {
            let (file, span) = self.locator.locate(*place);
            files.entry((file.name() != self.own, file.name())).or_default().insert(span.line);
        }
        let mut parts = Vec::new();
        let mut is_default = false;
        for ((is_other, file), mut lines) in files {
            is_default |= lines.remove(&0);
            let file = if is_other { format!("{file}:") } else { String::new() };
            parts.extend(ranges(&lines).map(|(first, last)| match first == last {
                true => format!("{file}{first}"),
                false => format!("{file}{first}-{last}"),
            }));
        }
        let mut text = match &parts[..] {
            [] => String::new(),
            [line] if !line.contains('-') => format!("line {line}"),
            lines => format!("lines {}", some(lines.iter(), ", ")),
        };
        if is_default {
            text = if text.is_empty() { "a default".to_owned() } else { format!("{text}; a default") };
        }
        if text.is_empty() { text } else { format!("({text})") }
    }
}

/// Numbers that follow each other, together.
fn ranges(lines: &BTreeSet<usize>) -> impl Iterator<Item = (usize, usize)> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *line => *last = *line,
            _ => ranges.push((*line, *line)),
        }
    }
    ranges.into_iter()
}

#[cfg(test)]
mod tests {
    use seccomp_compiler::{Architecture, Compiled, Compiler, LoadError, SourceFile};

    use super::listing;

    fn compiled(policy: &str, base: &str, architecture: &str) -> Compiled {
        let load = |name: &str| match name {
            "base.yaml" => Ok(base.as_bytes().to_vec()),
            _ => Err(LoadError::NotFound),
        };
        let architecture = Architecture::find(architecture).expect("an architecture");
        let compiler = Compiler::for_architecture(architecture).loader(&load);
        compiler.compile(&SourceFile::new("policy.yaml", policy)).expect("a sound policy")
    }

    #[test]
    fn calls_arguments_answers_and_lines_have_names() {
        let policy = "\
default_action: allow
include: [base.yaml]
syscalls:
- action: errno
  names:
  - execve
  - execveat
";
        let base = "\
syscalls:
- action: allow
  names_with_args:
  - name: socket
    arguments: [{argument: domain, operation: Equal, value: AF_UNIX}]
- action: errno(EAFNOSUPPORT)
  names: [socket]
";
        let expected = "   0: ld   [4]                  ; arch
   1: jeq  #0xc000003e, 3, 2    ; x86_64
   2: ret  #0x80000000          ; kill_process  (a default)
   3: ld   [0]                  ; nr
   4: jge  #0x40000000, 5, 6    ; >= the first call of x32
   5: ret  #0x50026             ; errno(ENOSYS)  (a default)
   6: jeq  #0x29, 7, 10         ; socket  (lines base.yaml:4, base.yaml:7)
   7: ld   [16]                 ; args[0].low
   8: jeq  #0x1, 12, 9          ; socket: family == AF_UNIX  (lines base.yaml:4, base.yaml:7)
   9: ret  #0x50061             ; errno(EAFNOSUPPORT)  (line base.yaml:7)
  10: jeq  #0x3b, 13, 11        ; execve  (line 6)
  11: jeq  #0x142, 13, 12       ; execveat  (line 7)
  12: ret  #0x7fff0000          ; allow  (lines 1, base.yaml:4)
  13: ret  #0x50001             ; errno(EPERM)  (lines 6-7)
";
        assert_eq!(listing(&compiled(policy, base, "x86_64")), expected);
    }

    #[test]
    fn without_comments_it_is_the_disassembly_of_the_program() {
        let policy = "\
compat: true
default_action: errno(ENOSYS)
syscalls:
- action: allow
  names: ['@file-system']
  names_with_args:
  - name: clone
    arguments: [{argument: flags, operation: BitsNotSet, value: CLONE_NEWUSER | CLONE_NEWNS}]
  - name: read
    arguments: [{argument: count, operation: GreaterThan, value: 0x12345678}]
";
        let plain = |text: &str| {
            let code = text.lines().map(|line| line.split(';').next().unwrap_or_default().trim_end());
            code.collect::<Vec<_>>().join("\n")
        };
        for architecture in Architecture::all() {
            let compiled = compiled(policy, "", architecture.name());
            let listing = listing(&compiled);
            assert_eq!(plain(&listing), plain(&compiled.program().to_string()), "{architecture}");
            let is_named = |line: &str| line.contains("; ") || line.contains("jmp ") || line.contains("and ");
            let unnamed = listing.lines().find(|line| !is_named(line));
            assert_eq!(unnamed, None, "{listing}");
        }
    }
}
