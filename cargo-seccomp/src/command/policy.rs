//! `cargo seccomp policy`: the policies to start from, which travel with the command.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use seccomp_compiler::{Compiler, SourceFile};
use seccomp_tools::ready::{READY, Ready};

use crate::arguments::{Target, find_named};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::wording::count;
use crate::{destination, discover};

const EXAMPLES: &str = "\
Examples:
  cargo seccomp policy list
  cargo seccomp policy new network-server --output policies/server.yaml";

/// Lists, shows and copies policies to start from
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the policies, with the length of their filters
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Prints a policy
    Show {
        /// The policy
        #[arg(value_name = "NAME", value_parser = ready)]
        policy: Ready,
    },
    /// Writes a policy to a file, and says how to use it
    New {
        /// The policy
        #[arg(value_name = "NAME", value_parser = ready)]
        policy: Ready,
        /// The file to write [default: policies/NAME.yaml]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace the file if there is one
        #[arg(long)]
        force: bool,
    },
}

fn ready(name: &str) -> Result<Ready, String> {
    find_named("policy", name, READY.iter().map(|ready| (ready.name, *ready)), "policy list")
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    match &arguments.action {
        Action::List { target } => list(target, output)?,
        Action::Show { policy } => output.bytes(policy.text().as_bytes())?,
        Action::New { policy, output: path, force } => {
            let path =
                path.clone().unwrap_or_else(|| Path::new("policies").join(format!("{}.yaml", policy.name)));
            destination::write_new(&path, policy.text().as_bytes(), *force)?;
            instructions(&path, output)?;
        }
    }
    Ok(Outcome::Success)
}

fn list(target: &Target, output: &mut Output<'_>) -> Result<(), Failure> {
    let architecture = target.architecture()?;
    for ready in READY {
        let compiled =
            Compiler::for_architecture(architecture).compile(&SourceFile::new(ready.name, ready.text()));
        let length = match compiled {
            Ok(compiled) => count(compiled.program().instructions.len(), "instruction"),
            Err(_) => format!("not for {architecture}"),
        };
        output.result(format_args!("{:<18}{length:>17}  {}", ready.name, ready.summary()))?;
    }
    Ok(())
}

/// What to add to a package so that it uses a policy.
fn instructions(path: &Path, output: &mut Output<'_>) -> Result<(), Failure> {
    let (major, minor) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"));
    let in_package = discover::path_in_package(path);
    output.confirm(format_args!(
        "wrote {}; to use it, add to Cargo.toml, under [dependencies],\n",
        path.display()
    ))?;
    output.confirm(format_args!(
        "    seccomp-runtime = \"{major}.{minor}\"    # or its `path` or `git`, while it is on no registry\n"
    ))?;
    output.confirm(
        "and to main.rs, above `fn main`, with the path of the file from the package's Cargo.toml,\n",
    )?;
    output.confirm(format_args!("    #[seccomp_runtime::policy(\"{in_package}\", deny_warnings)]"))
}
