//! The table of effects: whole, without a call that nobody thought of, and meaning what its rows say.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::sync::{Mutex, OnceLock};

use proptest::prelude::*;
use seccomp_compiler::{Architecture, Code, Compiled, Compiler, Effect, SourceFile, Verdict, verify};
use seccomp_tests::random;
use seccomp_tests::scratch::workspace;
use xtask::data::{Row, numbers, rows};

fn data(file: &str) -> Vec<Row> {
    rows(&workspace().join("seccomp-compiler/data").join(file))
}

/// Every call that some architecture of the compiler has.
fn calls() -> BTreeSet<String> {
    let data = workspace().join("seccomp-compiler/data");
    let names = ["kernel/syscalls.csv", "s390.csv"].into_iter().flat_map(|file| numbers(&data.join(file)));
    let exists = |name: &String| Architecture::all().any(|of| of.syscall_number(name).is_some());
    names.map(|(name, _)| name).filter(exists).collect()
}

fn effectful() -> BTreeSet<String> {
    data("effects.csv").into_iter().map(|row| row["call"].clone()).collect()
}

/// The calls in a column of several.
fn listed(row: &Row, column: &str) -> Vec<String> {
    row[column].split_whitespace().map(str::to_owned).collect()
}

/// A newer table has calls that are in neither, until somebody has thought about them.
#[test]
fn every_call_has_an_effect_or_a_reason_why_it_has_none() {
    let effectful = effectful();
    let none: Vec<String> = data("effects-none.csv").iter().flat_map(|row| listed(row, "calls")).collect();
    let reasoned: BTreeSet<String> = none.iter().cloned().collect();
    assert_eq!(none.len(), reasoned.len(), "a call has two reasons");
    let both: Vec<_> = effectful.intersection(&reasoned).collect();
    assert_eq!(both, [""; 0], "calls with an effect and a reason why they have none");
    let forgotten: Vec<String> =
        calls().into_iter().filter(|call| !effectful.contains(call) && !reasoned.contains(call)).collect();
    assert_eq!(forgotten, [""; 0], "calls that nobody thought of");
    let unknown: Vec<_> = reasoned.iter().filter(|call| !calls().contains(*call)).collect();
    assert_eq!(unknown, [""; 0], "calls that no architecture has");
}

#[test]
fn every_route_has_a_source_and_no_two_are_the_same() {
    let mut seen = BTreeSet::new();
    for row in data("effects.csv") {
        assert!(!row["source"].is_empty(), "{row:?}");
        let route = (row["effect"].clone(), row["call"].clone(), row["condition"].clone());
        assert!(seen.insert(route), "twice: {row:?}");
        let is_version = |since: &str| since.split('.').all(|part| part.parse::<u8>().is_ok());
        assert!(row["since"].is_empty() || is_version(&row["since"]), "{row:?}");
    }
}

/// What cannot be shown says why: tests/tests/kernel/effects.rs asks for all the others.
#[test]
fn every_route_that_only_other_architectures_have_says_so() {
    let is_here = |call: &str| {
        ["x86_64", "i386"]
            .iter()
            .any(|on| Architecture::find(on).is_some_and(|abi| abi.syscall_number(call).is_some()))
    };
    for row in data("effects.csv") {
        assert_eq!(row["unshown"] == "not on x86", !is_here(&row["call"]), "{row:?}");
    }
}

/// What one call does, the same call with other words does, and so does what contains it.
#[test]
fn effects_are_closed_under_other_forms_of_a_call_and_under_what_makes_it() {
    let (calls, routes) = (calls(), data("effects.csv"));
    let has =
        |effect: &str, call: &str| routes.iter().any(|row| row["effect"] == effect && row["call"] == call);
    let mut missing = Vec::new();
    for row in &routes {
        let (effect, call) = (&row["effect"], &row["call"]);
        for end in ["32", "64", "_time64", "2", "3"] {
            let wider = format!("{call}{end}");
            if calls.contains(&wider) && !has(effect, &wider) {
                missing.push(format!("{effect}: {wider} beside {call}"));
            }
        }
        for multiplexer in data("multiplexers.csv") {
            if listed(&multiplexer, "makes").contains(call) && !has(effect, &multiplexer["call"]) {
                missing.push(format!("{effect}: {} makes {call}", multiplexer["call"]));
            }
        }
        let through_io_uring = data("lists.csv");
        let through_io_uring = through_io_uring.iter().filter(|row| row["list"] == "io_uring");
        if through_io_uring.clone().any(|listed| listed["call"] == *call) && !has(effect, "io_uring_setup") {
            missing.push(format!("{effect}: io_uring makes {call}"));
        }
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_effect_is_in_the_reference_with_its_meaning() {
    let reference = fs::read_to_string(workspace().join("docs/policy.md")).expect("the reference is there");
    for effect in Effect::all() {
        let row = format!("| `{}` | {} |", effect.name, effect.meaning);
        assert!(reference.contains(&row), "docs/policy.md lacks: {row}");
    }
    assert!(Effect::all().count() >= 30);
}

/// A row of the table as one ABI has it, found out by asking the compiler for a policy that says it by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sight {
    /// The ABI lacks the call, or what the condition asks for.
    Absent,
    Hidden,
    Seen,
}

/// The conditions of a row in the language of policies, without constants that an ABI lacks.
fn conditions(row: &Row, abi: &Architecture) -> Option<String> {
    let mut all = Vec::new();
    for condition in row["condition"].split(';').map(str::trim).filter(|condition| !condition.is_empty()) {
        let parts: Vec<&str> = condition.split(' ').collect();
        let (value, mask) = parts[2].split_once('/').map_or((parts[2], None), |(v, mask)| (v, Some(mask)));
        let known = |text: &str| {
            let terms = text.split('|').filter(|term| !lacks(abi, term));
            Some(terms.collect::<Vec<_>>().join(" | ")).filter(|terms| !terms.is_empty())
        };
        let mask = match mask {
            Some(mask) => format!(", mask: '{}'", known(mask)?),
            None => String::new(),
        };
        let value = known(value)?;
        all.push(format!("{{argument: {}, operation: {}, value: '{value}'{mask}}}", parts[0], parts[1]));
    }
    Some(all.join(", "))
}

/// Whether an ABI lacks a constant.
fn lacks(abi: &Architecture, term: &str) -> bool {
    static ABSENT: OnceLock<HashMap<String, String>> = OnceLock::new();
    let absent = ABSENT.get_or_init(|| {
        let rows = ["kernel/constants.csv", "constants.csv"].into_iter().flat_map(data);
        rows.map(|row| (row["name"].clone(), row["absent"].clone())).collect()
    });
    let on = abi.name();
    let table = on.trim_end_matches("el").trim_end_matches("_be").trim_end_matches("le");
    let table = if on == "armeb" { "arm" } else { table };
    let table = if table == "s390" { "s390x" } else { table };
    absent.get(term).is_some_and(|absent| absent.split_whitespace().any(|abi| abi == table))
}

fn sight(row: &Row, abi: &'static Architecture) -> (Sight, String) {
    type Known = HashMap<(&'static str, String, String), (Sight, String)>;
    static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
    let key = (abi.name(), format!("{} {}", row["call"], row["hidden"]), row["condition"].clone());
    let mut known = KNOWN.lock().expect("no test panics while it looks");
    let known = known.get_or_insert_default();
    known.entry(key).or_insert_with(|| look(row, abi)).clone()
}

fn look(row: &Row, abi: &'static Architecture) -> (Sight, String) {
    let call = &row["call"];
    if abi.syscall_number(call).is_none() {
        return (Sight::Absent, String::new());
    }
    let Some(conditions) = conditions(row, abi) else { return (Sight::Absent, String::new()) };
    let hidden = !row["hidden"].is_empty();
    if conditions.is_empty() {
        return (if hidden { Sight::Hidden } else { Sight::Seen }, conditions);
    }
    let text = format!(
        "{{default_action: allow, architectures: [{abi}], syscalls: [{{action: errno, names_with_args: \
         [{{name: {call}, arguments: [{conditions}]}}]}}]}}"
    );
    match Compiler::for_architecture(abi).compile(&SourceFile::new("row.yaml", text)) {
        Ok(_) => (if hidden { Sight::Hidden } else { Sight::Seen }, conditions),
        Err(problems) if problems.iter().all(|of| of.code == Code::HiddenArgument) => {
            // What is seen of its other arguments still counts.
            (Sight::Hidden, String::new())
        }
        Err(problems) => panic!("{abi}: {problems}"),
    }
}

/// Groups that say by hand what a group of effects says on one ABI.
fn by_hand(effects: &[&str], action: &str, abi: &'static Architecture, table: &[Row]) -> String {
    let routes = table.iter().filter(|row| effects.contains(&row["effect"].as_str()));
    let routes: Vec<(&Row, Sight, String)> =
        routes.map(|row| (row, sight(row, abi))).map(|(row, (sight, text))| (row, sight, text)).collect();
    let mut text = String::new();
    let mut whole: Vec<&str> = Vec::new();
    for (wanted, action) in [(Sight::Seen, action), (Sight::Hidden, "errno(ENOSYS)")] {
        let own: Vec<_> = routes.iter().filter(|(_, sight, _)| *sight == wanted).collect();
        let mut names: Vec<&str> = Vec::new();
        for (row, _, conditions) in &own {
            let call = row["call"].as_str();
            if conditions.is_empty() && !whole.contains(&call) {
                whole.push(call);
                names.push(call);
            }
        }
        let mut entries: Vec<String> = Vec::new();
        let parts = own
            .iter()
            .filter(|(row, _, conditions)| !conditions.is_empty() && !whole.contains(&row["call"].as_str()));
        for (row, _, conditions) in parts {
            let entry = format!("{{name: {}, arguments: [{conditions}]}}", row["call"]);
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
        let limit = format!("architectures: [{abi}]");
        if !names.is_empty() {
            text += &format!("- {{action: {action}, {limit}, names: [{}]}}\n", names.join(", "));
        }
        if !entries.is_empty() {
            text += &format!("- {{action: {action}, {limit}, names_with_args: [{}]}}\n", entries.join(", "));
        }
    }
    text
}

fn compile(text: &str, on: &'static Architecture) -> Compiled {
    let file = SourceFile::new("policy.yaml", text);
    Compiler::for_architecture(on)
        .compile(&file)
        .unwrap_or_else(|problems| panic!("{on}: {problems}\n{text}"))
}

/// What is compared of a policy of effects: it says by effects what another says by hand, and is no longer.
fn agrees(effects: &[&str], action: &str, default: &str, compat: bool, table: &[Row]) {
    for on in Architecture::all() {
        // On s390x and s390 a filter sees no argument of mmap(2).
        let blind = |effect: &&str| {
            on.name().starts_with("s390") && ["executable-memory", "lock-memory"].contains(effect)
        };
        let effects: Vec<&str> = effects.iter().copied().filter(|effect| !blind(effect)).collect();
        if effects.is_empty() {
            continue;
        }
        let head = format!(
            "default_action: {default}\ncompat: {compat}\nsyscalls:\n- {{action: log, names: [getppid]}}\n"
        );
        let list = effects.join(", ");
        let effected = compile(&format!("{head}- {{action: {action}, effects: [{list}]}}\n"), on);
        let hand: String = effected.covered.iter().map(|abi| by_hand(&effects, action, abi, table)).collect();
        let handmade = compile(&format!("{head}{hand}"), on);
        let (rules, program) = (handmade.rules(), effected.program());
        let lengths = [program, handmade.program()].map(|program| program.instructions.len());
        // An effect has some calls with conditions that another has without any.
        let slack = usize::from(effects.len() > 1);
        assert!(
            lengths[0] <= lengths[1] + slack,
            "{on}: {lengths:?} instructions by effects and by hand of {list}"
        );
        for call in random::calls(rules) {
            let answer = program.run(&call).map(Verdict::from_return_value);
            assert_eq!(answer, Some(rules.decide(&call)), "{on}: {call:x?} of {list}");
        }
        if let Err(refused) = verify(rules.clone(), program.clone()) {
            panic!("{on}: {list}: {}", refused.display(on));
        }
    }
}

#[test]
fn every_effect_is_the_union_of_its_routes_on_every_abi() {
    let table = data("effects.csv");
    for effect in Effect::all() {
        agrees(&[effect.name], "errno", "allow", true, &table);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// By the interpreter and by the proof, on 23 ABIs each.
    #[test]
    fn several_effects_are_the_union_of_their_routes(
        effects in prop::sample::subsequence(Effect::all().map(|effect| effect.name).collect::<Vec<_>>(), 1..6),
        action in prop::sample::select(vec!["errno", "'errno(EACCES)'", "log", "trap(9)", "kill_process", "user_notif"]),
        default in prop::sample::select(vec!["allow", "errno(38)", "kill_process"]),
        compat in any::<bool>(),
    ) {
        let table = data("effects.csv");
        agrees(&effects, action, default, compat, &table);
    }
}
