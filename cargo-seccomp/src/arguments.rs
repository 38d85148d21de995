//! The values of arguments: architectures, formats and names, each parsed in one place.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use seccomp_compiler::{Architecture, Compiler, Refusals, nearest};
use seccomp_tools::program::Content;
use seccomp_tools::recording::Recording;

use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{destination, input, render};

const ARCH: &str = "The architecture: its name, a common alias (amd64, arm64) or a Rust target";
const DEFAULT: &str = "[default: this machine's]";

/// The architecture that a command is about.
#[derive(Debug, Args)]
pub(crate) struct Target {
    #[arg(long, value_name = "ARCH", value_parser = ArchitectureParser, help = format!("{ARCH} {DEFAULT}"))]
    arch: Option<&'static Architecture>,
}

/// The architectures that a command is about.
#[derive(Debug, Args)]
pub(crate) struct Targets {
    #[arg(long, value_name = "ARCH", value_parser = ArchitectureParser, help = format!("{ARCH}; repeatable {DEFAULT}"))]
    arch: Vec<&'static Architecture>,
    /// All architectures, except those that the policy's own `architectures:` excludes
    #[arg(long, conflicts_with = "arch")]
    all_architectures: bool,
}

/// Evidence, and where to write what is made of it.
#[derive(Debug, Args)]
pub(crate) struct Recorded {
    /// The evidence that `cargo seccomp record` wrote; `-` is standard input
    #[arg(value_name = "EVIDENCE", required = true)]
    evidence: Vec<PathBuf>,
    /// The file to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

impl Recorded {
    /// The recordings as one.
    pub(crate) fn recording(&self) -> Result<Recording, Failure> {
        input::evidence(&self.evidence)
    }

    pub(crate) fn write(&self, text: &str, output: &mut Output<'_>) -> Result<Outcome, Failure> {
        destination::write(&self.output, Content::Text, text.as_bytes(), output)?;
        Ok(Outcome::Success)
    }
}

impl Target {
    /// The architecture that the user named.
    pub(crate) fn named(&self) -> Option<&'static Architecture> {
        self.arch
    }

    pub(crate) fn architecture(&self) -> Result<&'static Architecture, Failure> {
        self.arch.or_else(Architecture::host).ok_or(Failure::NoHost)
    }
}

impl Targets {
    /// Whether they were asked for one by one.
    pub(crate) fn are_named(&self) -> bool {
        !self.arch.is_empty()
    }

    /// The architectures in the order in which they were named, each one once.
    pub(crate) fn architectures(&self) -> Result<Vec<&'static Architecture>, Failure> {
        if self.all_architectures {
            return Ok(Architecture::all().collect());
        }
        let mut architectures: Vec<&'static Architecture> = Vec::new();
        for architecture in &self.arch {
            if !architectures.contains(architecture) {
                architectures.push(architecture);
            }
        }
        if architectures.is_empty() {
            architectures.push(Architecture::host().ok_or(Failure::NoHost)?);
        }
        Ok(architectures)
    }
}

/// What changes a filter while its policy is being developed.
#[derive(Debug, Default, Args)]
pub(crate) struct Development {
    /// For development: every refusal of the policy becomes this instead, as with `refusals` of `#[policy]`. With `log`
    /// the filter refuses nothing
    #[arg(long, value_name = "ACTION", value_parser = refusals_parser())]
    refusals: Option<Refusals>,
}

impl Development {
    pub(crate) const fn is_set(&self) -> bool {
        self.refusals.is_some()
    }

    pub(crate) fn apply(&self, compiler: Compiler<'static>) -> Compiler<'static> {
        self.refusals.map_or(compiler, |refusals| compiler.refusals(refusals))
    }

    /// Says that a filter refuses nothing, if it does not.
    pub(crate) fn warn(&self, policy: &str, output: &mut Output<'_>) {
        if self.refusals.is_some_and(|refusals| !refusals.refuses()) {
            let problem =
                format!("with `--refusals log`, the filter of `{policy}` refuses nothing and only logs");
            output.finding(render::warning(&problem));
        }
    }
}

fn refusals_parser() -> impl TypedValueParser<Value = Refusals> {
    PossibleValuesParser::new(Refusals::ALL.map(Refusals::name))
        .try_map(|name| Refusals::find(&name).ok_or("there is no such action"))
}

/// Parses any name of an architecture that the compiler knows, while help and suggestions show only the usual ones.
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
        if let Some(architecture) = value.to_str().and_then(Architecture::find) {
            return Ok(architecture);
        }
        let usual = PossibleValuesParser::new(Architecture::all().map(Architecture::name));
        let name = usual.parse_ref(command, argument, value).map_err(|mut error| {
            if let Some(meant) = value.to_str().and_then(Architecture::suggest) {
                let meant = ContextValue::String(meant.name().to_owned());
                error.insert(ContextKind::SuggestedValue, meant);
            }
            error
        })?;
        Architecture::find(&name).ok_or_else(|| clap::Error::new(clap::error::ErrorKind::InvalidValue))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Architecture::all().map(|architecture| PossibleValue::new(architecture.name()))))
    }
}

/// Parses the name of a format; the list of formats is a library's, so that a format added there is known here.
pub(crate) fn format_parser<F: Clone + Send + Sync + 'static>(
    formats: impl IntoIterator<Item = (&'static str, &'static str)>,
    find: fn(&str) -> Option<F>,
) -> impl TypedValueParser<Value = F> {
    let values = formats.into_iter().map(|(name, summary)| PossibleValue::new(name).help(summary));
    PossibleValuesParser::new(values).try_map(move |name| find(&name).ok_or("there is no such format"))
}

/// The value of this name, or a hint at the nearest name and at the command that lists them.
pub(crate) fn find_named<'a, T>(
    kind: &str,
    name: &str,
    values: impl IntoIterator<Item = (&'a str, T)>,
    lister: &str,
) -> Result<T, String> {
    let mut names = Vec::new();
    for (known, value) in values {
        if known == name {
            return Ok(value);
        }
        names.push(known);
    }
    Err(no_such(kind, name, names, lister))
}

/// A hint at the nearest name, or else at the command that lists them.
pub(crate) fn no_such<'a>(
    kind: &str,
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
    lister: &str,
) -> String {
    match nearest(name, names) {
        Some(nearest) => format!("there is no such {kind}; did you mean `{nearest}`?"),
        None => format!("there is no such {kind}; `cargo seccomp {lister}` lists them"),
    }
}
