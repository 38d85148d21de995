//! The calls of a test run, counted as they come.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seccomp_compiler::{Compiled, SourceFile};
use seccomp_observe::tracer::{Answer, Executed, Observer, Start, Status, TracedCall, Tracer, Watch};
use seccomp_tools::coverage::Coverage;

use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::tracing::installs_filter;
use crate::{discover, render};

use super::threads::Tests;

/// Counts the calls of the programs in the target directory: all of them or, once one is made under a filter of a program's
/// own, only such calls.
pub(super) struct Counter<'c> {
    policies: &'c [(SourceFile, Compiled)],
    pub(super) coverages: Vec<Coverage<'c>>,
    has_counted: bool,
    /// Whether only calls under filters of the programs' own count.
    is_filtered: bool,
    target: PathBuf,
    /// The names of programs by their paths; none for those that are not of the package.
    names: HashMap<PathBuf, Option<String>>,
    tests: Tests,
    /// Whether a process has a filter of its own, for each that made a call since it last may have got one.
    processes: HashMap<u32, bool>,
    /// How many filters every traced process has.
    filters: u32,
}

impl<'c> Counter<'c> {
    pub(super) fn new(policies: &'c [(SourceFile, Compiled)]) -> Result<Self, Failure> {
        Ok(Self {
            policies,
            coverages: coverages(policies),
            has_counted: false,
            is_filtered: false,
            target: discover::target_directory()?,
            names: HashMap::new(),
            tests: Tests::default(),
            processes: HashMap::new(),
            filters: filters("self") + 1,
        })
    }

    /// Whether a process has a filter of its own or one of its parent's, besides that of the tracer.
    fn has_own_filter(&mut self, traced: &TracedCall<'_>) -> bool {
        let known = self.processes.entry(traced.process);
        *known.or_insert_with(|| filters(&traced.process.to_string()) > self.filters)
    }
}

/// A coverage of each policy, before any call.
pub(super) fn coverages(policies: &[(SourceFile, Compiled)]) -> Vec<Coverage<'_>> {
    policies.iter().map(|(_, compiled)| Coverage::new(compiled)).collect()
}

/// How many filters a process has; 0 on kernels before 5.9, which do not say so.
fn filters(process: &str) -> u32 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let count = status.lines().find_map(|line| line.strip_prefix("Seccomp_filters:"));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

impl Observer for Counter<'_> {
    fn called(&mut self, traced: &TracedCall<'_>) -> Answer {
        if !self.names.contains_key(traced.program) {
            let name = name(traced.program, &self.target);
            self.names.insert(traced.program.to_owned(), name);
        }
        let is_filtered = self.has_own_filter(traced);
        let name = self.names.get(traced.program).and_then(Option::as_deref);
        let test = self.tests.of(traced, name);
        if let Some(name) = name
            && is_filtered >= self.is_filtered
        {
            if is_filtered && !self.is_filtered {
                self.is_filtered = true;
                self.coverages = coverages(self.policies);
            }
            let maker = test.map_or_else(|| name.to_owned(), |test| test.key());
            self.coverages.iter_mut().for_each(|coverage| coverage.add(&maker, &traced.call, 1));
            self.has_counted = true;
        }
        if installs_filter(&traced.call) {
            // The next call shows whether it succeeded.
            self.processes.remove(&traced.process);
        }
        Answer::Make
    }

    fn executed(&mut self, executed: &Executed<'_>) {
        self.processes.remove(&executed.process);
        self.tests.executed(executed.process);
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
    counter: &mut Counter<'_>,
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
    let names = counter.tests.names();
    let whole = |key: &str| names.get(key).map_or(key, String::as_str).to_owned();
    counter.coverages.iter_mut().for_each(|coverage| coverage.rename(whole));
    if !counter.has_counted {
        output.finding(render::error(
            "no program in the target directory made a call, so there is nothing to compare the policy with",
        ));
        return Ok(Outcome::Problems);
    }
    if ending.status != Status::Exited(0) {
        output.finding(render::error("the tests failed; the counts have only the calls that were made"));
        return Ok(Outcome::Problems);
    }
    Ok(Outcome::Success)
}
