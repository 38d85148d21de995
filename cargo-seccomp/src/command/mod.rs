//! The subcommands, one a file: its arguments, and the calls that answer them.

pub(crate) mod check;
pub(crate) mod effects;
pub(crate) mod explain_code;
pub(crate) mod export;
pub(crate) mod merge;
pub(crate) mod policy;
pub(crate) mod profile;
pub(crate) mod record;
pub(crate) mod run;
pub(crate) mod scan;
pub(crate) mod schema;
pub(crate) mod sets;
pub(crate) mod test;
pub(crate) mod verify;
pub(crate) mod violations;

/// What `--help` ends with.
pub(crate) fn after_help(examples: &str) -> String {
    format!(
        "{examples}\n
Exit codes:
  0  success, possibly with warnings
  1  a policy has problems
  2  wrong usage, or a file cannot be read or written
Results go to standard output, problems to standard error."
    )
}

/// What `--help` ends with for `record` and `run`, whose exit code is that of the command they trace. `codes` goes on from
/// there.
pub(crate) fn after_help_traced(examples: &str, codes: &str) -> String {
    format!(
        "{examples}\n
Exit codes:
  that of the command; 128 and the number of the signal if one killed it{codes}
What this command has to say goes to standard error."
    )
}
