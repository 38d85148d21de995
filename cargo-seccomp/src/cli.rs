//! The command line: options of every command, and the list of commands.

use std::sync::LazyLock;

use clap::{Parser, Subcommand};
use seccomp_compiler::TABLE_VERSION;

use crate::command::{
    self, check, effects, explain_code, export, merge, policy, profile, record, run, scan, schema, sets,
    test, verify, violations,
};
use crate::outcome::{Failure, Outcome};
use crate::output::{Color, Output};

static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{} (system calls of {TABLE_VERSION})", env!("CARGO_PKG_VERSION")));

const EXAMPLES: &str = "\
Examples:
  cargo seccomp check policies/server.yaml
  cargo seccomp export policies/server.yaml --output server.bpf";

/// Checks seccomp policies and exports the filters that they compile to
///
/// A policy is a YAML file that lists which system calls a Linux program may make. It is compiled to a filter for the
/// kernel, and the filter is proved to answer every possible call as the policy says.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-seccomp",
    bin_name = "cargo seccomp",
    version = VERSION.as_str(),
    after_help = command::after_help(EXAMPLES),
)]
pub(crate) struct Cli {
    /// When to colour messages; `auto` does so on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 100)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(check::Arguments),
    Export(export::Arguments),
    Verify(verify::Arguments),
    Record(record::Arguments),
    Run(run::Arguments),
    Violations(violations::Arguments),
    Test(test::Arguments),
    Merge(merge::Arguments),
    Profile(profile::Arguments),
    ExplainCode(explain_code::Arguments),
    Policy(policy::Arguments),
    Scan(scan::Arguments),
    Sets(sets::Arguments),
    Effects(effects::Arguments),
    Schema(schema::Arguments),
}

impl Command {
    pub(crate) fn run(&self, output: &mut Output<'_>) -> Result<Outcome, Failure> {
        match self {
            Self::Check(arguments) => check::run(arguments, output),
            Self::Export(arguments) => export::run(arguments, output),
            Self::Verify(arguments) => verify::run(arguments, output),
            Self::Record(arguments) => record::run(arguments, output),
            Self::Run(arguments) => run::run(arguments, output),
            Self::Violations(arguments) => violations::run(arguments, output),
            Self::Test(arguments) => test::run(arguments, output),
            Self::Merge(arguments) => merge::run(arguments, output),
            Self::Profile(arguments) => profile::run(arguments, output),
            Self::ExplainCode(arguments) => explain_code::run(arguments, output),
            Self::Policy(arguments) => policy::run(arguments, output),
            Self::Scan(arguments) => scan::run(arguments, output),
            Self::Sets(arguments) => sets::run(arguments, output),
            Self::Effects(arguments) => effects::run(arguments, output),
            Self::Schema(arguments) => schema::run(arguments, output),
        }
    }
}
