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
use crate::calls::classes;
use crate::contenders::{Contender, Made, histogram};
use crate::metrics::Metrics;
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
    /// Programs that execute less than ours on a mean.
    faster: Vec<String>,
    /// Peers' programs that are no longer and execute no more, and one of both less.
    dominant: usize,
}

/// The section of the report for the peers that are there; and whether none is ever ahead in both.
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
    tallies.iter().for_each(|tally| tally.losses(&mut text));
    text.push('\n');
    (text, tallies.iter().all(|tally| tally.dominant == 0))
}

const EXPLAINED: &str = "\
Each peer is asked for the rules of one ABI as far as its interface goes. Its program is proved to answer every call as those
rules say, and ours is compiled for the same rules, so that both have the same meaning and the same guards. `better / equal /
worse` is ours against theirs, in programs: in *length*; on the *weighted* mean of executed instructions, in which a number of
the table counts 6 if it is always allowed, 4 if it is always answered otherwise and 500 if its arguments decide, as `plan`
weighs them; and on the *plain* mean.

- *Ahead in both*: theirs is no longer and executes no more on the weighted mean, and is better in one.
- *Longer with guards*: ours with all that the policy says, x32 and newer calls included, is longer than theirs with less.
- *Cannot say*: conditions or actions that the peer does not have.
- *Differs*: the proof found a call that the peer's program answers otherwise. For libseccomp, rules of one call whose order
  decides, a call of powerpc's that it drops, and programs for big-endian machines that are too long for one jump, when it
  runs on a little-endian one; for Minijail, an `allow` at the end that its compiler takes for the whole.

`cargo run --release -p benches -- corpus` writes this section alone, and fails if a peer is ahead in both.

| | proved equal | length | weighted | plain | ahead in both | longer with guards | cannot say | differs |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
";

const LOSSES: &str = "\
Nothing is both shortest and fastest. Of numbers that stand alone, each takes a test, and a chain of `=` tests takes no other:
it is the shortest program of comparisons, and every call that is none of them makes all of its tests. One `>=` test more
halves them. An instruction of length costs the kernel about as much when the filter is installed as 80 executed ones then,
or a sixth of an instruction on the mean (0.2 µs against 2.5 ns, for some 470 numbers); ours takes the test where it is worth
that. So these peers' programs are shorter, each by policy with the number of its architectures and the most instructions:

";

impl Tally {
    fn losses(&self, text: &mut String) {
        let name = self.contender.name();
        if !self.longer.is_empty() {
            let one = |(policy, (programs, most)): (&String, &(usize, usize))| {
                format!("{} ({programs}, {most})", policy.rsplit('/').next().unwrap_or(policy))
            };
            let all: Vec<String> = self.longer.iter().map(one).collect();
            let _infallible = writeln!(text, "- {name} is shorter: {}.", all.join(", "));
        }
        if !self.faster.is_empty() {
            let _infallible =
                writeln!(text, "\n{name} executes less, theirs before ours:\n\n{}", self.faster.concat());
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
            longer: BTreeMap::new(),
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
        let ours = Metrics::of(ours.program(), &classes, &histogram);
        self.longer_with_guards += usize::from(whole.program().instructions.len() > theirs.length);
        let means = |metrics: &Metrics| [metrics.weighted.mean(), metrics.all_numbers.mean()];
        let ([their_weighted, their_plain], [weighted, plain]) = (means(&theirs), means(&ours));
        let longer = self.length.lost(theirs.length as f64, ours.length as f64);
        let slower = [self.weighted.lost(their_weighted, weighted), self.plain.lost(their_plain, plain)];
        let shorter = ours.length < theirs.length;
        let faster = their_weighted - weighted > SAME;
        self.dominant += usize::from(longer && !faster || slower[0] && !shorter);
        if longer {
            let (programs, most) = self.longer.entry(item.name.clone()).or_default();
            *programs += 1;
            *most = (*most).max(ours.length - theirs.length);
        }
        if slower.contains(&true) {
            self.faster.push(format!(
                "- {} on {}: length {} / {}, weighted {their_weighted:.2} / {weighted:.2}, plain {their_plain:.2} / \
                 {plain:.2}\n",
                item.name, item.architecture, theirs.length, ours.length
            ));
        }
    }
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
