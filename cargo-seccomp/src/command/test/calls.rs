//! The calls of a test run, counted as they come.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use seccomp_observe::tracer::{Answer, Observer, Start, Status, TracedCall, Tracer, Watch};
use seccomp_tools::coverage::Coverage;

use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{discover, render};

/// Counts the calls of the programs in the target directory.
pub(super) struct Counter<'a, 'c> {
    coverages: &'a mut [Coverage<'c>],
    target: PathBuf,
    /// The names of programs by their paths; none for those that are not of the package.
    names: HashMap<PathBuf, Option<String>>,
    counted: u64,
}

impl<'a, 'c> Counter<'a, 'c> {
    pub(super) fn new(coverages: &'a mut [Coverage<'c>]) -> Result<Self, Failure> {
        Ok(Self { coverages, target: discover::target_directory()?, names: HashMap::new(), counted: 0 })
    }
}

impl Observer for Counter<'_, '_> {
    fn called(&mut self, traced: &TracedCall<'_>) -> Answer {
        if !self.names.contains_key(traced.program) {
            let name = name(traced.program, &self.target);
            self.names.insert(traced.program.to_owned(), name);
        }
        if let Some(Some(name)) = self.names.get(traced.program) {
            self.coverages.iter_mut().for_each(|coverage| coverage.add(name, &traced.call, 1));
            self.counted += 1;
        }
        Answer::Make
    }
}

/// The name of a program in the target directory, without the hash that cargo adds; none for build scripts, which are not
/// tests.
fn name(program: &Path, target: &Path) -> Option<String> {
    let below = program.strip_prefix(target).ok()?;
    if below.components().any(|part| part.as_os_str() == "build") {
        return None;
    }
    let name = program.file_name()?.to_string_lossy();
    let is_hash = |end: &str| end.len() == 16 && end.bytes().all(|digit| digit.is_ascii_hexdigit());
    let plain = name.rsplit_once('-').filter(|(_, end)| is_hash(end)).map(|(name, _)| name.to_owned());
    Some(plain.unwrap_or_else(|| name.into_owned()))
}

/// Builds the tests, runs them with every call counted, and says whether they passed.
pub(super) fn of_tests(
    arguments: &[OsString],
    counter: &mut Counter<'_, '_>,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let own = arguments.iter().take_while(|argument| *argument != "--");
    let mut build = Command::new(&cargo);
    build.arg("test").args(own).arg("--no-run");
    let built = build.status().map_err(|error| Failure::Cargo { reason: error.to_string() })?;
    if !built.success() {
        output.finding(render::error("the tests could not be built"));
        return Ok(Outcome::Problems);
    }
    let command = [cargo, "test".into()].into_iter().chain(arguments.iter().cloned());
    let tracer = Tracer::new(command, Watch::everything()).start(Start::Main);
    let ending = tracer.run(counter)?;
    if counter.counted == 0 {
        output.finding(render::error(
            "no program in the target directory made a call, so nothing is said of the policy",
        ));
        return Ok(Outcome::Problems);
    }
    if ending.status != Status::Exited(0) {
        output.finding(render::error("the tests failed; the counts are of what ran"));
        return Ok(Outcome::Problems);
    }
    Ok(Outcome::Success)
}
