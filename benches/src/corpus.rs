//! Every policy of the project on every architecture, against every peer that can say it: who is shorter, and who
//! executes less.
//!
//! A peer is asked for the rules as far as its interface goes, its program is proved to answer every call as they do,
//! and ours is compiled for the same rules: so the two programs have the same guards and the same meaning.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use seccomp_compiler::{Architecture, Compiler, RuleSet, SourceFile, sets};

use crate::asked::is_equal;
use crate::calls::{Class, classes};
use crate::contenders::{Contender, Made, histogram};
use crate::frontier::least;
use crate::metrics::{Metrics, WEIGHTS};
use crate::policies::project;
use crate::text::as_text;

/// Where the policies are.
const FOLDERS: [&str; 5] = [
    "policies",
    "benches/policies",
    "examples/quickstart/policies",
    "tests/golden",
    "tests/fixtures/programs/policies",
];

/// A policy on an architecture.
struct Item {
    name: String,
    architecture: &'static Architecture,
    rules: RuleSet,
}

/// How ours fares, in programs.
#[derive(Debug, Clone, Copy, Default)]
struct Versus {
    better: usize,
    equal: usize,
    worse: usize,
}

/// A peer's program that is shorter than ours, or executes less.
struct Ahead {
    name: String,
    /// What was asked for, and the same as text.
    asked: RuleSet,
    text: String,
    /// Its length and ours, its weighted mean and ours.
    lengths: [usize; 2],
    means: [f64; 2],
}

/// One peer over the corpus.
struct Tally {
    contender: Contender,
    unsaid: usize,
    differs: usize,
    compared: usize,
    length: Versus,
    weighted: Versus,
    plain: Versus,
    /// Programs for all that the policy says, guards included, that are longer than the peer's.
    longer_with_guards: usize,
    /// The length of each of its programs and what it executes on the weighted mean, by what was asked.
    programs: BTreeMap<String, (usize, f64)>,
    /// Its programs that are shorter than ours.
    shorter: Vec<Ahead>,
    /// Its programs that execute less than ours on the weighted mean.
    faster: Vec<Ahead>,
    /// Peers' programs that are no longer and execute no more, and one of both less.
    dominant: usize,
}

/// The section of the report for the peers that are there; and whether there are any, and none is ever ahead in both, nor
/// shorter without a bound.
pub(crate) fn section(peers: &[Contender]) -> (String, bool) {
    let items = items();
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let running: Vec<_> = peers.iter().map(|peer| scope.spawn(|| Tally::of(*peer, &items))).collect();
        let join = |one: std::thread::ScopedJoinHandle<'_, Tally>| {
            one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().map(join).collect()
    });
    let policies: BTreeSet<&str> = items.iter().map(|item| item.name.as_str()).collect();
    let mut text = format!(
        "## Every policy on every architecture\n\n{} policies: the project's own files, and each of its {} sets of calls \
         as an allowlist and as a blocklist.\n\n{EXPLAINED}",
        policies.len(),
        sets().count()
    );
    for tally in &tallies {
        let Tally { contender, unsaid, differs, compared, longer_with_guards, dominant, .. } = tally;
        let _infallible = writeln!(
            text,
            "| {} | {compared} | {} | {} | {} | {dominant} | {longer_with_guards} | {unsaid} | {differs} |",
            contender.name(),
            tally.length,
            tally.weighted,
            tally.plain,
        );
    }
    text.push('\n');
    text.push_str(LOSSES);
    let bounds = Bounds::of(&tallies);
    tallies.iter().for_each(|tally| tally.losses(&bounds, &mut text));
    text.push('\n');
    let bound = |tally: &Tally| tally.shorter.iter().all(|one| bounds.holds(one));
    let compared = tallies.iter().any(|tally| tally.compared > 0);
    (text, compared && tallies.iter().all(|tally| tally.dominant == 0 && bound(tally)))
}

const EXPLAINED: &str = "\
Each peer compiles the rules of one ABI, or what its interface can express of them. Its program is proved to answer every call as those
rules say, and ours is compiled from the same rules, so both have the same meaning and the same guards. `better / equal / worse`
counts programs, ours against theirs: by *length*; by the *weighted* mean of executed instructions; and by the *plain* mean. The
weighted mean gives a number of the table weight 4 if it is always allowed and 6 if it always gets another answer, as `plan` does,
and 500 if its arguments decide, which `plan` weights by the length of its tests.

- *Ahead in both*: theirs is no longer and executes no more on the weighted mean, and is better in one of the two.
- *Longer with guards*: ours, with everything the policy says including x32 and newer calls, is longer than theirs with less.
- *Cannot say*: the policy has conditions or actions that the peer does not support.
- *Differs*: the proof found a call that the peer's program answers differently. For libseccomp, the reasons are rules of one call
  whose order matters, a powerpc call that it drops, and programs for big-endian targets that are too long for one jump, if it runs
  on a little-endian machine. For Minijail, it is an `allow` at the end, which its compiler applies to the whole policy.

`cargo run --release -p benches -- corpus` writes this section alone. It fails if no peer is installed, or if one is ahead in both,
or shorter without ours being bound.

| | proved equal | length | weighted | plain | ahead in both | longer with guards | cannot say | differs |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
";

const LOSSES: &str = "\
Often, no program is both shortest and fastest. If every number stands alone, each needs a test, and a chain of `=` tests needs no
others: it is the shortest program of comparisons, but a call that matches none of them runs through all its tests. A single
additional `>=` test halves that. We choose the speed that is worth its length. If the fastest tree would be longer than the chain,
we take the fastest that is not, unless a tree that bisects the numbers down to chains of four would execute less. In that case we
take the shortest tree that executes at most an eighth more than one that bisects the ranges of numbers down to single ones, unless
ours was slower than that to begin with.

If a peer is shorter or executes less, ours is *bound* if no program is both as short as the shortest of the peers' programs for the
same rules and no slower on the weighted mean than the fastest. This is found by a search over all programs that differ from ours
only in the tests of the number: trees of `>=` tests, and of `=` tests of numbers that stand alone or in pairs, in any order; or,
where `>=` tests leave numbers that span at most 32, one test of some of the low five bits and one more test on either side. (If
anything, the search is too optimistic: it assumes that a `>=` test with almost nothing on one side costs only that side.) It says
nothing about programs between the two. Each policy is followed by the number of its architectures and by the most that the peer is
ahead: in instructions of length, or in how much more ours executes.

";

impl Tally {
    fn losses(&self, bounds: &Bounds, text: &mut String) {
        let name = self.contender.name();
        for (is, programs) in [("is shorter", &self.shorter), ("executes less", &self.faster)] {
            if programs.is_empty() {
                continue;
            }
            let bound = programs.iter().filter(|one| bounds.holds(one)).count();
            let mut policies: BTreeMap<&str, Vec<&Ahead>> = BTreeMap::new();
            programs.iter().for_each(|one| policies.entry(one.policy()).or_default().push(one));
            let policies: Vec<String> =
                policies.into_iter().map(|(policy, all)| most(policy, &all)).collect();
            let _infallible = writeln!(
                text,
                "- {name} {is} in {}, {bound} of them bound: {}.{}",
                programs.len(),
                policies.join(", "),
                not_bound(programs, bounds)
            );
        }
    }

    fn of(contender: Contender, items: &[Item]) -> Self {
        let none = Versus::default();
        let mut tally = Self {
            contender,
            unsaid: 0,
            differs: 0,
            compared: 0,
            length: none,
            weighted: none,
            plain: none,
            longer_with_guards: 0,
            programs: BTreeMap::new(),
            shorter: Vec::new(),
            faster: Vec::new(),
            dominant: 0,
        };
        let mut seen = BTreeSet::new();
        for item in items.iter().filter(|item| contender.supports(item.architecture)) {
            if seen.insert(as_text(&contender.asked(&item.rules))) {
                tally.add(item);
            }
        }
        tally
    }

    fn add(&mut self, item: &Item) {
        let Some(Made { program, asked }) = self.contender.made(&item.rules) else {
            self.unsaid += 1;
            return;
        };
        let ours = Compiler::compile_rules(&asked).ok().filter(|_| is_equal(&asked, &program));
        let (Some(ours), Some(whole)) = (ours, Compiler::compile_rules(&item.rules).ok()) else {
            self.differs += 1;
            return;
        };
        self.compared += 1;
        let (classes, histogram) = (classes(&asked), histogram(item.architecture));
        let theirs = Metrics::of(&program, &classes, &histogram);
        let program = ours.program();
        let ours = Metrics::of(program, &classes, &histogram);
        self.longer_with_guards += usize::from(whole.program().instructions.len() > theirs.length);
        let means = |metrics: &Metrics| [metrics.weighted.mean(), metrics.all_numbers.mean()];
        let ([their_weighted, their_plain], [weighted, plain]) = (means(&theirs), means(&ours));
        let longer = self.length.lost(theirs.length as f64, ours.length as f64);
        let slower = self.weighted.lost(their_weighted, weighted);
        self.plain.lost(their_plain, plain);
        let shorter = ours.length < theirs.length;
        let faster = their_weighted - weighted > SAME;
        self.dominant += usize::from(longer && !faster || slower && !shorter);
        let text = as_text(&asked);
        self.programs.insert(text.clone(), (theirs.length, their_weighted));
        let ahead = || Ahead {
            name: format!("{} on {}", item.name, item.architecture),
            asked: asked.clone(),
            text: text.clone(),
            lengths: [theirs.length, ours.length],
            means: [their_weighted, weighted],
        };
        self.shorter.extend(longer.then(ahead));
        self.faster.extend(slower.then(ahead));
    }
}

impl Ahead {
    fn policy(&self) -> &str {
        let policy = self.name.split(" on ").next().unwrap_or_default();
        policy.rsplit('/').next().unwrap_or_default()
    }
}

/// A policy, the number of its architectures, and by how much a peer is ahead at most.
fn most(policy: &str, programs: &[&Ahead]) -> String {
    let instructions = |one: &&Ahead| one.lengths[1].saturating_sub(one.lengths[0]);
    let share = |one: &&Ahead| (one.means[1] / one.means[0] - 1.0) * 100.0;
    let by = match programs.iter().map(instructions).max() {
        None | Some(0) => format!("{:.1} %", programs.iter().map(share).fold(0.0, f64::max)),
        Some(instructions) => instructions.to_string(),
    };
    format!("{policy} ({}, {by})", programs.len())
}

fn not_bound(programs: &[Ahead], bounds: &Bounds) -> String {
    let one = |one: &Ahead| {
        let ([length, our_length], [mean, our_mean]) = (one.lengths, one.means);
        format!("{} (length {length} / {our_length}, weighted {mean:.2} / {our_mean:.2})", one.name)
    };
    let others: Vec<String> = programs.iter().filter(|one| !bounds.holds(one)).map(one).collect();
    if others.is_empty() {
        String::new()
    } else {
        format!(" Not bound, theirs before ours: {}.", others.join(", "))
    }
}

/// The rules for which no program is both as short as the shortest peer's and as fast as the fastest's.
struct Bounds(BTreeSet<String>);

impl Bounds {
    fn of(tallies: &[Tally]) -> Self {
        let ahead = tallies.iter().flat_map(|tally| tally.shorter.iter().chain(&tally.faster));
        let asked: BTreeMap<&str, &RuleSet> = ahead.map(|one| (one.text.as_str(), &one.asked)).collect();
        let bound = |(text, rules): (&str, &RuleSet)| {
            let peers = || tallies.iter().filter_map(|tally| tally.programs.get(text));
            let shortest = peers().map(|(length, _)| *length).min()?;
            let fastest = peers().map(|(_, mean)| *mean).fold(f64::INFINITY, f64::min);
            least_of(rules, shortest)?.is_none_or(|least| least > fastest + SAME).then(|| text.to_owned())
        };
        Self(asked.into_iter().filter_map(bound).collect())
    }

    fn holds(&self, one: &Ahead) -> bool {
        self.0.contains(&one.text)
    }
}

/// What a program of that length for these rules executes at least on the weighted mean; none where there is none.
fn least_of(rules: &RuleSet, length: usize) -> Option<Option<f64>> {
    let ours = Compiler::compile_rules(rules).ok()?;
    let classes = classes(rules);
    let metrics = Metrics::of(ours.program(), &classes, &BTreeMap::new());
    Some(least(ours.program(), rules, &weights(&classes), &metrics, length))
}

/// [`WEIGHTS`] of the numbers.
fn weights(classes: &BTreeMap<u32, Class>) -> BTreeMap<u32, u64> {
    let of = |class: &Class| match class {
        Class::Allowed(_) => WEIGHTS[0],
        Class::Refused(_) => WEIGHTS[1],
        Class::Checked { .. } => WEIGHTS[2],
    };
    classes.iter().map(|(number, class)| (*number, u64::from(of(class)))).collect()
}

/// Sums of fractions in another order differ by so much at most.
const SAME: f64 = 1e-9;

impl Versus {
    fn lost(&mut self, theirs: f64, ours: f64) -> bool {
        let equal = (theirs - ours).abs() <= SAME;
        let lost = !equal && ours > theirs;
        self.equal += usize::from(equal);
        self.worse += usize::from(lost);
        self.better += usize::from(!equal && !lost);
        lost
    }
}

impl core::fmt::Display for Versus {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} / {} / {}", self.better, self.equal, self.worse)
    }
}

fn items() -> Vec<Item> {
    let mut items = Vec::new();
    for (name, text) in files().into_iter().chain(of_sets()) {
        let file = SourceFile::new(name.clone(), text);
        let on = |architecture| {
            // A policy that is not meant for an architecture has errors there.
            let compiled = Compiler::for_architecture(architecture).compile(&file).ok()?;
            Some(Item { name: name.clone(), architecture, rules: compiled.rules().clone() })
        };
        let before = items.len();
        items.extend(Architecture::all().filter_map(on));
        if items.len() == before {
            eprintln!("!!! {name} is NOT COMPARED: it compiles for no architecture");
        }
    }
    items
}

fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        let listed = std::fs::read_dir(project().join(folder)).into_iter().flatten().flatten();
        let yaml = |path: &Path| path.extension().is_some_and(|end| end == "yaml");
        let paths = listed.map(|entry| entry.path()).filter(|path| yaml(path));
        files.extend(paths.filter_map(|path| {
            let name = format!("{folder}/{}", path.file_name()?.to_string_lossy());
            Some((name, std::fs::read(path).ok()?))
        }));
    }
    files.sort();
    files
}

/// Each set allowed where all else fails, and the other way round.
fn of_sets() -> Vec<(String, Vec<u8>)> {
    let policy = |set: &str, default: &str, action: &str| {
        let text = format!("default_action: {default}\nsyscalls: [{{action: {action}, names: ['{set}']}}]\n");
        (format!("{action} {set}"), text.into_bytes())
    };
    sets().flat_map(|(set, _)| [policy(set, "errno", "allow"), policy(set, "allow", "errno")]).collect()
}
