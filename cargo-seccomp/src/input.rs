//! Reads and compiles the policies and files that the user names.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use seccomp_compiler::{Architecture, Compiler, LoadError, Profile, SourceFile};
use seccomp_observe::reason;
use seccomp_tools::Check;
use seccomp_tools::recording::Recording;

use crate::arguments::Development;
use crate::outcome::Failure;
use crate::output::Output;
use crate::render;

/// Far above the compiler's own limit, which reports the problem; this one only bounds what is read.
const MOST_BYTES: u64 = 16 << 20;

/// One byte more than evidence may have, so that longer files are refused and not cut.
const MOST_EVIDENCE: u64 = (256 << 20) + 1;

/// What is beyond is not read, so that a program of this size is found to be cut off.
const LARGEST_PROGRAM: u64 = 2 << 30;

/// Reads a policy. Whether it is one, or even text, is for the compiler to say. What standard input includes is relative
/// to the current directory.
pub(crate) fn read(path: &Path) -> Result<SourceFile, Failure> {
    let name = if is_standard_input(path) { "<stdin>".to_owned() } else { path.display().to_string() };
    Ok(SourceFile::new(name, read_bytes(path)?))
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A compiler for policies that include files.
pub(crate) fn compiler(architecture: &'static Architecture) -> Compiler<'static> {
    Compiler::for_architecture(architecture).loader(&load)
}

/// Reads a policy and compiles it for one architecture.
pub(crate) fn compile(
    path: &Path,
    architecture: &'static Architecture,
    profile: &Profile,
    development: &Development,
) -> Result<(SourceFile, Check), Failure> {
    let policy = read(path)?;
    let compiler = development.apply(compiler(architecture));
    let mut check = Check::new();
    check.add(architecture, compiler.profile(profile).compile(&policy));
    Ok((policy, check))
}

/// Reads a profile, an empty one without a path; `None` if it has problems, which are drawn.
pub(crate) fn profile(path: Option<&Path>, output: &mut Output<'_>) -> Result<Option<Profile>, Failure> {
    let Some(path) = path else { return Ok(Some(Profile::default())) };
    let profile = Profile::parse(&read(path)?);
    for problem in profile.as_ref().err().into_iter().flatten() {
        output.finding(render::problem(problem, None));
    }
    Ok(profile.ok())
}

/// Reads evidence, and merges it if there is more than one file.
pub(crate) fn evidence(paths: &[PathBuf]) -> Result<Recording, Failure> {
    let mut merged: Option<Recording> = None;
    for path in paths {
        let bytes = read_up_to(path, MOST_EVIDENCE)?;
        let recording = Recording::from_json(&bytes)
            .map_err(|error| Failure::NotEvidence { path: path.clone(), error })?;
        match &mut merged {
            None => merged = Some(recording),
            Some(merged) => merged.merge(recording),
        }
    }
    merged.ok_or(Failure::NoEvidence)
}

/// Reads a file that a policy includes.
pub(crate) fn load(name: &str) -> Result<Vec<u8>, LoadError> {
    bytes(Path::new(name), MOST_BYTES)
}

/// Reads a program or a library.
pub(crate) fn load_program(name: &str) -> Result<Vec<u8>, LoadError> {
    bytes(Path::new(name), LARGEST_PROGRAM)
}

/// Reads a file, or standard input for `-`, as it is.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    read_up_to(path, MOST_BYTES)
}

fn read_up_to(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let bytes = if is_standard_input(path) { all_of(io::stdin(), most) } else { bytes(path, most) };
    bytes.map_err(|error| Failure::Read { path: path.to_owned(), error })
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, LoadError> {
    // Reading a pipe or a device might not end, or not even begin. What the shell has opened already has a writer.
    let is_open = path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd") || path == "/dev/stdin";
    if !is_open && std::fs::metadata(path).is_ok_and(|file| !file.is_file() && !file.is_dir()) {
        return Err(LoadError::NotAFile);
    }
    File::open(path).map_err(|error| reason(&error)).and_then(|file| all_of(file, most))
}

fn all_of(source: impl Read, most: u64) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    source.take(most).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    Ok(bytes)
}
