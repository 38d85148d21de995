//! The project's own policies, attacked: by every route to each effect that they promise to refuse.

use std::collections::HashMap;
use std::fs;

use seccomp_compiler::policy::{Policy, Promise};
use seccomp_compiler::{Architecture, Compiler, Program, SourceFile};
use seccomp_tests::documents::blocks;
use seccomp_tests::kernel::Door;
use seccomp_tests::scratch::workspace;

use super::child::abi;
use super::trials::{self, Trial};
use super::{Fate, attempt, folder};

/// Exceptions to promises that a policy's own expectation makes, because it is for that: an effect and a call.
const LET_OFF: [(&str, &str, &str); 1] = [("network-server", "network", "socket")];

/// The policies that promise something about effects: those that are shipped, those of the examples, and README's.
fn policies() -> Vec<(String, SourceFile)> {
    let root = workspace();
    let shipped = fs::read_dir(root.join("policies")).expect("the folder is there");
    let shipped = shipped.map(|file| file.expect("it can be listed").path());
    let examples = ["quickstart", "report", "file-server"]
        .map(|name| root.join("examples").join(name).join("policies").join(format!("{name}.yaml")));
    let files = shipped.chain(examples).filter(|file| file.extension().is_some_and(|end| end == "yaml"));
    let mut policies: Vec<(String, SourceFile)> = files
        .map(|file| {
            let name = file.file_stem().expect("it has a name").to_string_lossy().into_owned();
            (name.clone(), SourceFile::new(name, fs::read(&file).expect("it can be read")))
        })
        .filter(|(name, _)| !name.starts_with("beats-"))
        .collect();
    let shown = blocks(&root.join("README.md"));
    policies.extend(
        shown.into_iter().map(|block| ("README".to_owned(), SourceFile::new(block.name, block.text))),
    );
    policies
}

/// The effects that a policy says are refused.
fn refused(policy: &SourceFile) -> Vec<String> {
    let policy = Policy::read(policy).expect("it can be read");
    let is_refusal =
        |promise: Option<Promise>, is_refused| promise.map_or(is_refused, |of| of == Promise::Refused);
    let promises = policy.expectations.iter().filter(|expected| {
        let action = &expected.action.value;
        is_refusal(expected.promise, !matches!(action.kind().name(), "allow" | "log"))
    });
    promises.flat_map(|promise| promise.effects.iter().map(|effect| effect.value.clone())).collect()
}

fn program(policy: &SourceFile) -> Program {
    let host = Architecture::find("x86_64").expect("it is in the table");
    Compiler::for_architecture(host).compile(policy).expect("it compiles").program().clone()
}

#[test]
fn no_route_to_an_effect_that_an_own_policy_refuses_is_open() {
    let folder = folder("promises");
    let mut without: HashMap<(usize, bool), Fate> = HashMap::new();
    let mut open = Vec::new();
    let policies = policies();
    assert_eq!(policies.len(), 10, "{:?}", policies.iter().map(|(name, _)| name).collect::<Vec<_>>());
    for (name, policy) in &policies {
        let (effects, program) = (refused(policy), program(policy));
        assert!(!effects.is_empty(), "{name} promises nothing");
        let (mut shown, mut tried) = (0, 0);
        for door in [Door::Native, Door::Int80] {
            if door == Door::Int80 && !crate::x86_64::has_i386() {
                continue;
            }
            let is_promised = |trial: &Trial| {
                effects.iter().any(|effect| effect == trial.effect)
                    && abi(door).syscall_number(trial.call).is_some()
            };
            for (at, trial) in trials::all().enumerate().filter(|(_, trial)| is_promised(trial)) {
                let free = without
                    .entry((at, door == Door::Native))
                    .or_insert_with(|| attempt(trial, door, None, &folder));
                let fate = attempt(trial, door, Some(&program), &folder);
                let let_off =
                    LET_OFF.contains(&(name.as_str(), trial.effect, trial.call)) && door == Door::Native;
                let happened = matches!(fate, Fate::Had);
                if happened != let_off {
                    open.push(format!("{name}: {} by {} ({door:?}): {fate:?}", trial.effect, trial.call));
                }
                tried += 1;
                shown += usize::from(*free == Fate::Had && !happened);
            }
        }
        println!(
            "{name}: {} effects, {tried} routes tried, {shown} of them open without the policy",
            effects.len()
        );
        assert!(shown > 0, "{name}: nothing was shown");
    }
    let _removed = fs::remove_dir_all(&folder);
    assert_eq!(open, [""; 0]);
}
