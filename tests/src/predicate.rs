//! `cfg` predicates, evaluated as rustc does for a target: so the macros' choice of an architecture is tested for
//! targets whose standard library is not here.

use std::process::Command;

/// What `rustc --print cfg` says of a target: lines as `target_arch="x86_64"` and `unix`.
#[derive(Debug)]
pub struct Target {
    facts: Vec<String>,
}

impl Target {
    /// The targets that rustc knows and whose name says Linux or Android, by name.
    pub fn linux() -> Vec<(String, Self)> {
        let names = rustc(&["--print", "target-list"]);
        let named = |name: &&String| name.contains("linux") || name.contains("android");
        names.iter().filter(named).map(|name| (name.clone(), Self::named(name))).collect()
    }

    fn named(name: &str) -> Self {
        Self { facts: rustc(&["--print", "cfg", "--target", name]) }
    }

    /// Whether a predicate holds for it.
    pub fn has(&self, predicate: &str) -> bool {
        let predicate = predicate.trim();
        let Some((operator, rest)) = predicate.split_once('(').filter(|(name, _)| !name.contains('=')) else {
            return self.facts.contains(&predicate.replace(" = ", "="));
        };
        let mut parts = arguments(rest.strip_suffix(')').expect("the parenthesis is closed")).into_iter();
        match operator {
            "all" => parts.all(|part| self.has(part)),
            "any" => parts.any(|part| self.has(part)),
            "not" => !parts.all(|part| self.has(part)),
            _ => panic!("`{operator}` is no operator of cfg"),
        }
    }
}

/// The parts between the commas that stand in no parentheses of their own.
fn arguments(list: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    list.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .collect()
}

fn rustc(arguments: &[&str]) -> Vec<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(arguments).output().expect("rustc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
