//! The arguments of the command line as types, with the texts of `--help`, and nothing else.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use seccomp_compiler::{Architecture, Code, TABLE_VERSION, nearest, sets};

use crate::violations::source::Choice;

static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{} (system calls of {TABLE_VERSION})", env!("CARGO_PKG_VERSION")));

const EXAMPLES: &str = "\
Examples:
  cargo seccomp check policies/server.yaml
  cargo seccomp export policies/server.yaml --output server.bpf";

const CHECK_EXAMPLES: &str = "\
Examples:
  cargo seccomp check policies/server.yaml
  cargo seccomp check policies/*.yaml --arch x86_64 --arch aarch64-unknown-linux-musl
  cargo seccomp check policies/server.yaml --all-architectures --verbose";

const EXPORT_EXAMPLES: &str = "\
Examples:
  cargo seccomp export policies/tool.yaml --format asm
  cargo seccomp export policies/tool.yaml --arch arm64 --output tool.bpf
  bwrap --ro-bind / / --seccomp 3 3<tool.bpf tool";

const VERIFY_EXAMPLES: &str = "\
Examples:
  cargo seccomp verify policies/tool.yaml --program tool.bpf
  cargo seccomp verify policies/tool.yaml --program tool.bpf --arch arm64";
const VIOLATIONS_EXAMPLES: &str = "\
Examples:
  cargo seccomp violations --program server --policy policies/server.yaml
  sudo cargo seccomp violations --follow
  journalctl -k | cargo seccomp violations --source - --format ecs";

const SETS_EXAMPLES: &str = "\
Examples:
  cargo seccomp sets
  cargo seccomp sets @rust-std --arch aarch64";

const EXIT_CODES: &str = "\
Exit codes:
  0  fine; there may be warnings
  1  a policy has problems
  2  wrong usage, or a file cannot be read or written
Of several policies the worst decides. Results go to standard output, problems to standard error.";

fn after(examples: &str) -> String {
    format!("{examples}\n\n{EXIT_CODES}")
}

/// Checks seccomp policies, and exports the filters that are made of them.
///
/// A policy is a YAML file that says which system calls a Linux program may make. It is compiled to a filter for the
/// kernel, and the filter is proved to answer every possible call as the policy says.
#[derive(Debug, Parser)]
#[command(name = "cargo-seccomp", bin_name = "cargo seccomp", version = VERSION.as_str(), after_help = after(EXAMPLES))]
pub(crate) struct Cli {
    /// Whether to colour messages; auto does on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 100)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to colour messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Check),
    Export(Export),
    Verify(Verify),
    Violations(Violations),
    ExplainCode(ExplainCode),
    Sets(Sets),
    /// Prints the JSON Schema of policies, with which editors complete names and mark mistakes
    Schema,
}

/// Checks policies: finds every mistake, compiles the filter and proves it
///
/// Checks policies: every mistake is reported at once with its line, and a policy without mistakes is compiled to a
/// filter that is proved to answer every possible call as the policy says.
#[derive(Debug, Args)]
#[command(after_help = after(CHECK_EXAMPLES))]
pub(crate) struct Check {
    /// The policy files
    #[arg(required = true, value_name = "POLICY")]
    pub(crate) policies: Vec<PathBuf>,
    /// Check for this architecture: its name, another common one (amd64, arm64) or a Rust target; repeatable
    /// [default: this machine's]
    #[arg(long, value_name = "ARCH", value_parser = ArchitectureParser)]
    pub(crate) arch: Vec<&'static Architecture>,
    /// Check for every architecture, skipping those that the policy's own `architectures:` leaves out
    #[arg(long, conflicts_with = "arch")]
    pub(crate) all_architectures: bool,
    /// Treat warnings as errors
    #[arg(long, value_name = "WHAT")]
    pub(crate) deny: Option<Deny>,
    /// Say also how large the proof is (nodes of decision diagrams), how many system calls the kernel allows from its
    /// cache, without running the filter, and how long it all took
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// What is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings, so that a policy with any ends in exit code 1
    Warnings,
}

/// Exports the filter of a policy, for a program that installs it itself
///
/// Exports the filter of a policy as an array of the kernel's `struct sock_filter`, in the byte order of the
/// architecture, or as its disassembly. The policy is checked and the filter is proved first; when there are problems
/// nothing is written.
#[derive(Debug, Args)]
#[command(after_help = after(EXPORT_EXAMPLES))]
pub(crate) struct Export {
    /// The policy file
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// What to write
    #[arg(long, default_value = "bpf")]
    pub(crate) format: Format,
    /// The architecture that the filter is for: its name, another common one (amd64, arm64) or a Rust target
    /// [default: this machine's]
    #[arg(long, value_name = "ARCH", value_parser = ArchitectureParser)]
    pub(crate) arch: Option<&'static Architecture>,
    /// The file to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
}

/// Proves that a program of any hand is equal to a policy, or shows a call on which they differ
///
/// Compares a finished program, such as another compiler's or one of an earlier export, with a policy: it says that
/// they answer every possible call alike, or shows one that they answer differently. The program is an array of the
/// kernel's `struct sock_filter` in the byte order of the architecture.
#[derive(Debug, Args)]
#[command(after_help = after(VERIFY_EXAMPLES))]
pub(crate) struct Verify {
    /// The policy file
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The program to compare with it
    #[arg(long, value_name = "FILE")]
    pub(crate) program: PathBuf,
    /// The architecture that the program is for: its name, another common one (amd64, arm64) or a Rust target
    /// [default: this machine's]
    #[arg(long, value_name = "ARCH", value_parser = ArchitectureParser)]
    pub(crate) arch: Option<&'static Architecture>,
}

/// Shows which calls were not simply allowed, from the kernel's own records
///
/// Reads the SECCOMP records (audit type 1326) that the kernel writes when a filter refuses or logs a call, and
/// decodes them: as a table, as events of the Elastic Common Schema, or as plain JSON. Which source is read, and how
/// much of it was understood, is said on standard error.
#[derive(Debug, Args)]
#[command(after_help = after(VIOLATIONS_EXAMPLES))]
pub(crate) struct Violations {
    /// Where the records are: audit (live, from the kernel's multicast group), kmsg (the kernel log), log (auditd's),
    /// a file, or `-` for standard input; auto takes the best that can be read
    #[arg(long, value_name = "SOURCE", default_value = "auto", value_parser = ChoiceParser)]
    pub(crate) source: Choice,
    /// Show violations as they happen, until Ctrl-C
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// What to write
    #[arg(long, default_value = "table")]
    pub(crate) format: ViolationsFormat,
    /// Show only this program: the path or name of the executable, or the name of a thread; repeatable
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) program: Vec<String>,
    /// Say which lines of this policy can have decided, and offer a change that allows the calls, as a patch
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// The architecture of the policy's filter: its name, another common one (amd64, arm64) or a Rust target
    /// [default: this machine's]
    #[arg(long, value_name = "ARCH", value_parser = ArchitectureParser, requires = "policy")]
    pub(crate) arch: Option<&'static Architecture>,
}

/// What violations are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViolationsFormat {
    /// For people: grouped by program, call and action; with `--follow` one a line
    Table,
    /// Events of the Elastic Common Schema as Auditbeat writes them, one a line
    Ecs,
    /// All that was decoded, one object a line
    Json,
}

/// Explains the code of an error or a warning: what it means, an example, and what to do
///
/// Explains the code that stands in brackets before an error or a warning, as in `error[unknown-syscall]`: what it
/// means, an example of a policy that has it, and what to do. Without a code it lists them.
#[derive(Debug, Args)]
pub(crate) struct ExplainCode {
    /// The code
    #[arg(value_name = "CODE", value_parser = code)]
    pub(crate) code: Option<Code>,
}

/// Lists the sets of system calls that a policy can name, or the members of one
#[derive(Debug, Args)]
#[command(after_help = SETS_EXAMPLES)]
pub(crate) struct Sets {
    /// The set, with or without its `@`
    #[arg(value_name = "SET", value_parser = set)]
    pub(crate) set: Option<&'static str>,
    /// Count and list the calls that this architecture has
    /// [default: this machine's]
    #[arg(long, value_name = "ARCH", value_parser = ArchitectureParser)]
    pub(crate) arch: Option<&'static Architecture>,
}

fn code(name: &str) -> Result<Code, String> {
    let codes = || Code::ALL.iter().copied();
    let known = codes().find(|code| code.name() == name);
    known.ok_or_else(|| unknown("code", nearest(name, codes().map(Code::name)), "explain-code"))
}

fn set(name: &str) -> Result<&'static str, String> {
    let wanted = format!("@{}", name.trim_start_matches('@'));
    let names = || sets().map(|(set, _)| set);
    let known = names().find(|set| *set == wanted);
    known.ok_or_else(|| unknown("set", nearest(&wanted, names()), "sets"))
}

fn unknown(kind: &str, nearest: Option<&str>, list: &str) -> String {
    match nearest {
        Some(nearest) => format!("there is no such {kind}; did you mean `{nearest}`?"),
        None => format!("there is no such {kind}; `cargo seccomp {list}` lists them"),
    }
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The instructions as the kernel takes them
    Bpf,
    /// The instructions in words, one a line
    Asm,
}

/// Reads a source: one of a few words, or else the path of a file.
#[derive(Debug, Clone)]
struct ChoiceParser;

impl TypedValueParser for ChoiceParser {
    type Value = Choice;

    fn parse_ref(
        &self,
        _: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        Ok(match value.to_str() {
            Some("auto") => Choice::Auto,
            Some("audit") => Choice::Audit,
            Some("kmsg") => Choice::Kmsg,
            Some("log") => Choice::Log,
            Some("-") => Choice::StandardInput,
            _ => Choice::File(value.into()),
        })
    }
}

/// Reads an architecture by any name that the compiler knows, while help and suggestions show the usual ones.
#[derive(Debug, Clone)]
struct ArchitectureParser;

impl TypedValueParser for ArchitectureParser {
    type Value = &'static Architecture;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        if let Some(found) = value.to_str().and_then(Architecture::find) {
            return Ok(found);
        }
        let usual = PossibleValuesParser::new(Architecture::all().map(Architecture::name));
        let name = usual.parse_ref(command, argument, value)?;
        Architecture::find(&name).ok_or_else(|| clap::Error::new(clap::error::ErrorKind::InvalidValue))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Architecture::all().map(|architecture| PossibleValue::new(architecture.name()))))
    }
}
