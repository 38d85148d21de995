//! Every policy of the project on every architecture, against every peer that can say it: who is shorter, and who
//! executes less.
//!
//! A peer is asked for the rules as far as its interface goes, its program is proved to answer every call as they do,
//! and ours is compiled for the same rules: so the two programs have the same guards and the same meaning.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use seccomp_compiler::{Architecture, RuleSet, SourceFile, compile, compile_rules, sets};

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

/// A peer's program that is shorter than ours.
struct Shorter {
    name: String,
    asked: String,
    /// What a program as short as that executes at least; none where there is no such program.
    least: Option<f64>,
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
    /// Policies by name: on how many architectures ours is longer, and by how many instructions at most.
    longer: BTreeMap<String, (usize, usize)>,
    /// What each of its programs executes on the weighted mean, by what was asked.
    executed: BTreeMap<String, f64>,
    /// Its programs that are shorter than ours.
    shorter: Vec<Shorter>,
    /// Programs that execute less than ours on a mean.
    faster: Vec<String>,
    /// Peers' programs that are no longer and execute no more, and one of both less.
    dominant: usize,
}

/// The section of the report for the peers that are there; and whether none is ever ahead in both, nor shorter without a
/// bound.
pub(crate) fn section(peers: &[Contender]) -> (String, bool) {
    let items = items();
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let running: Vec<_> = peers.iter().map(|peer| scope.spawn(|| Tally::of(*peer, &items))).collect();
        running.into_iter().filter_map(|one| one.join().ok()).collect()
    });
    let policies: BTreeSet<&str> = items.iter().map(|item| item.name.as_str()).collect();
    let mut text = format!(
        "## Every policy on every architecture\n\n{} policies: the files of the project, and each of its {} sets of calls \
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
    tallies.iter().for_each(|tally| tally.losses(&tallies, &mut text));
    text.push('\n');
    let holds = |tally: &Tally| tally.dominant == 0 && tally.bound(&tallies).len() == tally.shorter.len();
    (text, tallies.iter().all(holds))
}

const EXPLAINED: &str = "\
Each peer is asked for the rules of one ABI as far as its interface goes. Its program is proved to answer every call as those
rules say, and ours is compiled for the same rules, so that both have the same meaning and the same guards. `better / equal /
worse` is ours against theirs, in programs: in *length*; on the *weighted* mean of executed instructions, in which a number of
the table counts 4 if it is always allowed, 6 if it is always answered otherwise, as `plan` weighs them, and 500 if its
arguments decide, which `plan` weighs by the length of its tests; and on the *plain* mean.

- *Ahead in both*: theirs is no longer and executes no more on the weighted mean, and is better in one.
- *Longer with guards*: ours with all that the policy says, x32 and newer calls included, is longer than theirs with less.
- *Cannot say*: conditions or actions that the peer does not have.
- *Differs*: the proof found a call that the peer's program answers otherwise. For libseccomp, rules of one call whose order
  decides, a call of powerpc's that it drops, and programs for big-endian machines that are too long for one jump, when it
  runs on a little-endian one; for Minijail, an `allow` at the end that its compiler takes for the whole.

`cargo run --release -p benches -- corpus` writes this section alone, and fails if a peer is ahead in both, or shorter
and not bound.

| | proved equal | length | weighted | plain | ahead in both | longer with guards | cannot say | differs |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
";

const LOSSES: &str = "\
Nothing is both shortest and fastest. Of numbers that stand alone, each takes a test, and a chain of `=` tests takes no other:
it is the shortest program of comparisons, and every call that is none of them makes all of its tests. One `>=` test more
halves them. Ours is as fast as its length is worth, but no longer than that chain, unless it would then execute more than a
tree that halves the numbers down to chains of four, and after a test for another ABI loads the number again.

A shorter program of a peer is *bound* if no program is as short and executes no more on the weighted mean than any peer's of
the same rules: one peer has the shortest, another the fastest, and nothing is both. That is searched over all programs that
differ from ours in the tests of the number alone: trees of `>=` tests, and of `=` tests of numbers that stand alone or in
twos, in any order; or, where `>=` tests leave numbers that span 32 at most, one test of some of the low five bits, and one
test more on either side. (What the search finds is too low if anything: a `>=` test with next to nothing on one side is
taken to cost that side alone.) After each policy stand the number of its architectures and the most instructions:

";

impl Tally {
    fn losses(&self, all: &[Self], text: &mut String) {
        let name = self.contender.name();
        if !self.longer.is_empty() {
            let one = |(policy, (programs, most)): (&String, &(usize, usize))| {
                format!("{} ({programs}, {most})", policy.rsplit('/').next().unwrap_or(policy))
            };
            let policies: Vec<String> = self.longer.iter().map(one).collect();
            let [bound, of_its_own] = [all, core::slice::from_ref(self)].map(|peers| self.bound(peers));
            let _infallible = writeln!(
                text,
                "- {name} is shorter in {}, of which {} are bound, {} of these by its own mean: {}.{}",
                self.shorter.len(),
                bound.len(),
                of_its_own.len(),
                policies.join(", "),
                not_bound(&self.shorter, &bound)
            );
        }
        if !self.faster.is_empty() {
            let _infallible =
                writeln!(text, "\n{name} executes less, theirs before ours:\n\n{}", self.faster.concat());
        }
    }

    /// Which of the shorter programs no program matches that executes no more than any of these peers'.
    fn bound(&self, peers: &[Self]) -> BTreeSet<&str> {
        let fastest = |asked: &str| {
            let all = peers.iter().filter_map(|peer| peer.executed.get(asked));
            all.copied().fold(f64::INFINITY, f64::min)
        };
        let bound = |one: &&Shorter| one.least.is_none_or(|least| least > fastest(&one.asked) + SAME);
        self.shorter.iter().filter(bound).map(|one| one.name.as_str()).collect()
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
            longer: BTreeMap::new(),
            executed: BTreeMap::new(),
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
        let ours = compile_rules(&asked).filter(|_| is_equal(&asked, &program));
        let (Some(ours), Some(whole)) = (ours, compile_rules(&item.rules)) else {
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
        let slower = [self.weighted.lost(their_weighted, weighted), self.plain.lost(their_plain, plain)];
        let shorter = ours.length < theirs.length;
        let faster = their_weighted - weighted > SAME;
        self.dominant += usize::from(longer && !faster || slower[0] && !shorter);
        let text = as_text(&asked);
        self.executed.insert(text.clone(), their_weighted);
        if longer {
            let least = least(program, &asked, &weights(&classes), &ours, theirs.length);
            self.add_shorter(item, ours.length - theirs.length, text, least);
        }
        if slower.contains(&true) {
            self.faster.push(format!(
                "- {} on {}: length {} / {}, weighted {their_weighted:.2} / {weighted:.2}, plain {their_plain:.2} / \
                 {plain:.2}\n",
                item.name, item.architecture, theirs.length, ours.length
            ));
        }
    }

    /// The peer's program is shorter than ours by so much.
    fn add_shorter(&mut self, item: &Item, by: usize, asked: String, least: Option<f64>) {
        let name = format!("{} on {}", item.name, item.architecture);
        self.shorter.push(Shorter { name, asked, least });
        let (programs, most) = self.longer.entry(item.name.clone()).or_default();
        *programs += 1;
        *most = (*most).max(by);
    }
}

fn not_bound(shorter: &[Shorter], bound: &BTreeSet<&str>) -> String {
    let others = shorter.iter().map(|one| one.name.as_str()).filter(|name| !bound.contains(name));
    let others: Vec<&str> = others.collect();
    if others.is_empty() { String::new() } else { format!(" Not bound: {}.", others.join(", ")) }
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
            let compiled = compile(&file, architecture).ok()?;
            Some(Item { name: name.clone(), architecture, rules: compiled.program.rules().clone() })
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
