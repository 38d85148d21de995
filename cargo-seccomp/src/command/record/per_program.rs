//! A policy for each program that ran, in a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use seccomp_tools::recording::Recording;

use super::Arguments;
use crate::outcome::Failure;
use crate::output::Output;
use crate::tracing::shown;
use crate::{destination, render};

/// Fails before anything runs if the policies could not be written, or what else is asked for cannot be done.
pub(super) fn prepare(folder: &PathBuf, arguments: &Arguments) -> Result<(), Failure> {
    if arguments.verify {
        return Err(Failure::NotVerifiable { folder: folder.clone() });
    }
    match fs::read_dir(folder).map(|entries| entries.count()) {
        Ok(1..) if !arguments.force => {
            return Err(Failure::NotEmpty { path: folder.clone() });
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Failure::Write { path: folder.clone(), error });
        }
        _ => {}
    }
    destination::check(&folder.join("policy.yaml"))
}

/// Writes the policy and the evidence of each program. If that fails, all the evidence goes to standard output, from which
/// `merge` makes any of the policies.
pub(super) fn write(
    folder: &Path,
    recording: &Recording,
    arguments: &Arguments,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let mut files = Vec::new();
    let parts = recording.per_program();
    for (name, part) in &parts {
        let mut options = arguments.options();
        options.programs = part.programs().iter().map(|program| program.path.clone()).collect();
        files.push((format!("{name}.yaml"), part.policy(&options)));
        files.push((format!("{name}.json"), part.to_json()));
    }
    if let Err(failure) = destination::write_all(folder, &files, arguments.force) {
        output.finding(render::note(
            "the evidence goes to standard output, as the files cannot be written; `cargo seccomp merge` makes policies of it",
        ));
        output.bytes(recording.to_json().as_bytes())?;
        return Err(failure);
    }
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    let note = format!("wrote policies and evidence to `{}`: {}", shown(folder), names.join(", "));
    output.finding(render::note(&note));
    Ok(())
}
