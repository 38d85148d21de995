//! What is tried of the widths of arguments: `tests/widths/tries.txt`, and how much of the tables that is.

use std::collections::{BTreeMap, BTreeSet};

use seccomp_compiler::Architecture;

/// The calls that are tried.
pub const TRIES: &str = include_str!("../widths/tries.txt");

/// Why others are not: call, argument or nothing, reason.
pub const UNTRIED: &str = include_str!("../widths/untried.csv");

/// The compiler's table of arguments.
const SIGNATURES: &str = include_str!("../../seccomp-compiler/src/kernel/tables/signatures.txt");

/// An argument: its name, the bits that the kernel reads, and those that it ignores among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name, with `.lo` and `.hi` the right way round for the architecture.
    pub name: String,
    /// The bits that are read, set.
    pub read: u64,
}

/// The arguments of a call on an architecture; `None` where they are not known, or there is no such call.
pub fn signature(call: &str, architecture: &Architecture) -> Option<Vec<Argument>> {
    architecture.syscall_number(call)?;
    let line = SIGNATURES.lines().find(|line| line.split(' ').next() == Some(call))?;
    let mut variants = line[call.len()..].split('|');
    let common = variants.next()?;
    // Architectures that differ in byte order share a table.
    let swapped = ["mipsel", "armeb"].contains(&architecture.name());
    let table = match architecture.name() {
        "aarch64_be" => "aarch64",
        "armeb" => "arm",
        "powerpc64le" => "powerpc64",
        name => name.strip_suffix("el").filter(|name| name.starts_with("mips")).unwrap_or(name),
    };
    let own = variants.filter_map(|variant| variant.split_once(':'));
    let own = own.filter(|(tables, _)| tables.trim().split(',').any(|name| name == table));
    let arguments = own.map(|(_, arguments)| arguments).next().unwrap_or(common);
    let shown = architecture.register().mask();
    let argument = |argument: &str| {
        let (name, bits) = argument.split_once(':').expect("an argument has a width");
        let (bits, ignored) = bits.split_once('~').unwrap_or((bits, "0"));
        let bits: u32 = bits.parse().expect("a number of bits");
        let ignored = u64::from_str_radix(ignored, 16).expect("bits in hexadecimal");
        let read = if bits == 0 { 0 } else { u64::MAX >> (64 - bits) };
        let name = match name.rsplit_once('.') {
            Some((name, "lo")) if swapped => format!("{name}.hi"),
            Some((name, "hi")) if swapped => format!("{name}.lo"),
            _ => name.to_owned(),
        };
        Argument { name, read: read & !ignored & shown }
    };
    Some(arguments.split_ascii_whitespace().map(argument).collect())
}

/// One line of the tries.
#[derive(Debug, Clone)]
pub struct Try<'a> {
    /// The line, for messages.
    pub line: &'a str,
    /// Whether only root can make the call.
    pub privileged: bool,
    /// The ABIs that it is for, if it is not for all.
    pub only: Option<&'a str>,
    /// The call.
    pub call: &'a str,
    /// Its arguments.
    pub arguments: Vec<Given<'a>>,
    /// The call that shows what came of it, and its arguments.
    pub probe: Option<(&'a str, Vec<Given<'a>>)>,
    /// Where in `buf` what came of it can be read, if it can.
    pub offset: Option<usize>,
}

/// An argument of a try.
#[derive(Debug, Clone)]
pub struct Given<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: &'a str,
    /// A value that gives another result.
    pub other: Option<&'a str>,
    /// The bits that are read of it here, where the table cannot say.
    pub bits: Option<u32>,
    /// Whether some of the bits that are compared make no difference, as unknown flags.
    pub has_gaps: bool,
}

/// Every try.
pub fn tries() -> impl Iterator<Item = Try<'static>> {
    TRIES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(parse)
}

fn parse(line: &str) -> Try<'_> {
    let (rest, offset) = match line.rsplit_once(" @") {
        Some((rest, offset)) => (rest, Some(self::offset(offset))),
        None => (line, None),
    };
    let (first, probe) = rest.split_once(" > ").map_or((rest, None), |(first, probe)| (first, Some(probe)));
    let (privileged, first) = first.strip_prefix("privileged ").map_or((false, first), |rest| (true, rest));
    let (only, first) = match first.strip_prefix("on ").and_then(|rest| rest.split_once(' ')) {
        Some((only, first)) => (Some(only), first),
        None => (None, first),
    };
    let (call, arguments) = call(first);
    Try { line, privileged, only, call, arguments, probe: probe.map(self::call), offset }
}

/// Where a word is, or the lower half of 64 bits.
fn offset(text: &str) -> usize {
    let (text, lower) = match text.strip_suffix(":64") {
        Some(text) => (text, if cfg!(target_endian = "big") { 4 } else { 0 }),
        None => (text, 0),
    };
    text.parse::<usize>().expect("an offset is a number") + lower
}

fn call(text: &str) -> (&str, Vec<Given<'_>>) {
    let mut words = text.split(' ');
    let name = words.next().expect("a call has a name");
    (name, words.map(given).collect())
}

fn given(word: &str) -> Given<'_> {
    let (name, value) = word.split_once('=').expect("an argument has a value");
    let (value, has_gaps) = value.strip_suffix('!').map_or((value, false), |value| (value, true));
    let (values, bits) = match value.split_once(':') {
        Some((values, bits)) => (values, Some(bits.parse().expect("a number of bits"))),
        None => (value, None),
    };
    let (value, other) = values.split_once('/').map_or((values, None), |(value, other)| (value, Some(other)));
    Given { name, value, other, bits, has_gaps }
}

impl<'a> Try<'a> {
    /// The call with each argument that is tried.
    pub fn arguments_tried(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.arguments.iter().filter(|given| given.other.is_some()).map(|given| (self.call, given.name))
    }

    /// Whether an architecture has the call with arguments of these names.
    pub fn is_for(&self, architecture: &Architecture) -> bool {
        let has = |call: &str, given: &[Given<'_>]| {
            signature(call, architecture).is_some_and(|signature| {
                let known = signature.iter().filter(|argument| argument.name != "-");
                signature.len() >= given.len()
                    && known.clone().count() == given.len()
                    && known.into_iter().all(|known| given.iter().any(|given| given.name == known.name))
            })
        };
        self.only.is_none_or(|only| only.split(',').any(|name| name == architecture.name()))
            && has(self.call, &self.arguments)
            && self.probe.as_ref().is_none_or(|(call, given)| has(call, given))
    }
}

/// What kernels agreed to when `tests/emulated/run` asked them.
const AGREED: &str = include_str!("../widths/agreed.csv");

/// The arguments of an ABI about which a kernel agreed: a row of `tests/widths/agreed.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The ABI.
    pub abi: String,
    /// The architecture of the kernel, as the kernel calls it.
    pub machine: String,
    /// The bits of the registers that the test could fill.
    pub register: u32,
    /// The version of the kernel.
    pub kernel: String,
    /// Of how many arguments some bits are ignored.
    pub ignored: usize,
    /// Of how many all bits are read.
    pub whole: usize,
}

impl Agreed {
    /// What this kernel has agreed to.
    pub fn here(architecture: &Architecture, register: u32, arguments: &BTreeSet<(&str, &str)>) -> Self {
        let system = |name| {
            std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default().trim().to_owned()
        };
        let bits = u64::MAX >> (64 - register);
        let is_whole = |(call, name): &&(&str, &str)| {
            let signature = signature(call, architecture).unwrap_or_default();
            signature.iter().any(|argument| argument.name == *name && argument.read == bits)
        };
        let whole = arguments.iter().filter(is_whole).count();
        Self {
            abi: architecture.name().to_owned(),
            machine: system("arch"),
            register,
            kernel: system("osrelease"),
            ignored: arguments.len() - whole,
            whole,
        }
    }

    /// Every row.
    ///
    /// # Panics
    ///
    /// If a row is not one.
    pub fn all() -> impl Iterator<Item = Self> {
        AGREED.lines().skip(1).map(|row| {
            let fields: Vec<_> = row.split(',').collect();
            let [abi, machine, register, kernel, ignored, whole] = fields[..] else { panic!("{row}") };
            Self {
                abi: abi.to_owned(),
                machine: machine.to_owned(),
                register: register.parse().expect("a number of bits"),
                kernel: kernel.to_owned(),
                ignored: ignored.parse().expect("a number of arguments"),
                whole: whole.parse().expect("a number of arguments"),
            }
        })
    }
}

impl std::fmt::Display for Agreed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { abi, machine, register, kernel, ignored, whole } = self;
        write!(f, "{abi},{machine},{register},{kernel},{ignored},{whole}")
    }
}

/// What becomes of the arguments of an architecture's calls.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// How many arguments there are.
    pub all: usize,
    /// Those that are tried of which bits are ignored, and those of which none are.
    pub ignored: usize,
    /// Those that are tried of which all bits are read.
    pub whole: usize,
    /// The others: calls and arguments, by the reason.
    pub untried: BTreeMap<&'static str, BTreeSet<String>>,
}

/// How much of an architecture is tried from registers of this many bits.
pub fn coverage(architecture: &Architecture, register: u32) -> Coverage {
    let mut coverage = Coverage::default();
    let tried: BTreeSet<(String, String)> = tries()
        .filter(|tried| tried.is_for(architecture))
        .flat_map(|tried| {
            let call = tried.call.to_owned();
            let others = tried.arguments.into_iter().filter(|given| given.other.is_some());
            others.map(move |given| (call.clone(), given.name.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    for call in calls() {
        for argument in signature(call, architecture).into_iter().flatten() {
            coverage.all += 1;
            let is_tried = tried.contains(&(call.to_owned(), argument.name.clone()));
            let bits = u64::MAX >> (64 - register);
            match (is_tried, argument.read == bits) {
                (true, false) => coverage.ignored += 1,
                (true, true) => coverage.whole += 1,
                (false, true) if register == 32 => {
                    let name = format!("{call} {}", argument.name);
                    coverage.untried.entry(ALL_READ).or_default().insert(name);
                }
                _ => {
                    let reason = reason(call, &argument.name);
                    let name = format!("{call} {}", argument.name);
                    coverage.untried.entry(reason).or_default().insert(name);
                }
            }
        }
    }
    coverage
}

/// Why an argument that fills its register needs no try.
pub const ALL_READ: &str = "the register has no more bits";

/// Every call whose arguments are known.
pub fn calls() -> impl Iterator<Item = &'static str> {
    SIGNATURES.lines().filter_map(|line| line.split(' ').next())
}

/// Why an argument is not tried.
pub fn reason(call: &str, argument: &str) -> &'static str {
    let rows = || UNTRIED.lines().skip(1).filter_map(|line| line.split_once(','));
    let rows = || {
        rows().filter_map(|(call, rest)| {
            rest.split_once(',').map(|(argument, reason)| (call, argument, reason))
        })
    };
    let is_of = |wanted: &'static str| {
        rows().find(|(name, of, _)| {
            *name == call && (*of == argument && wanted == "own" || of.is_empty() && wanted == "call")
        })
    };
    is_of("own").or_else(|| is_of("call")).map_or(NO_REASON, |(.., reason)| reason)
}

/// The reason of arguments that have none of their own.
pub const NO_REASON: &str = "no harmless value of it changes what the call returns";
