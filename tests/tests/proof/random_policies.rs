//! Random policies, and what is nearly a policy.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use seccomp_compiler::{
    Architecture, Compiled, Compiler, Locator, Program, ReportTo, Reporter, SourceFile, Then, Verdict,
};
use seccomp_tests::random;

use super::answers;

/// Few enough for every test run; `PROPTEST_CASES=100000` takes its time.
fn config() -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60);
    Config { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() }
}

/// None for a policy of which a rule happens never to decide.
fn unless_redundant(text: &str, architecture: &'static Architecture) -> Option<Compiled> {
    match Compiler::for_architecture(architecture).compile(&SourceFile::new("random.yaml", text)) {
        Ok(compiled) => Some(compiled),
        Err(problems) if random::is_redundant(&problems) => None,
        Err(problems) => panic!("{architecture}: {problems}\n{text}"),
    }
}

/// Most random policies compile; else the others would show nothing.
#[test]
fn most_random_policies_are_not_redundant() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    use proptest::test_runner::TestRunner;
    let x86_64 = Architecture::find("x86_64").expect("known");
    let mut runner = TestRunner::deterministic();
    let strategy = random::policy();
    let text = |_| strategy.new_tree(&mut runner).expect("the strategy rejects nothing").current();
    let compiled = (0..100).map(text).filter(|text| unless_redundant(text, x86_64).is_some()).count();
    assert!(compiled > 60, "{compiled} of 100");
}

proptest! {
    #![proptest_config(config())]

    /// `compile` proves each program; the interpreter, which has no part in the proof, agrees on every edge.
    #[test]
    fn random_policies_compile_and_run_as_they_decide(text in random::policy()) {
        for architecture in Architecture::all().filter(|architecture| random::fits(&text, architecture)) {
            let Some(compiled) = unless_redundant(&text, architecture) else { continue };
            let (rules, program) = (compiled.rules(), compiled.program());
            for call in &random::calls(rules) {
                prop_assert_eq!(answers(program, call), rules.decide(call), "{} {:x?}\n{}", architecture, call, text);
            }
        }
    }

    /// Where the filter traps, and only there, the reporter finds a line, and it is that of the rule that decides.
    #[test]
    fn random_policies_trap_where_their_report_says(text in random::policy()) {
        let own = "- {action: allow, names: [write, gettid, rt_sigreturn]}\n";
        let text = text.replace("kill_thread", "trap(3)").replace("errno(4095)", "trap");
        let text = text.replacen("syscalls:\n", &format!("syscalls:\n{own}"), 1);
        let reporter = Reporter::new(Then::KillProcess).to(ReportTo::AnyDescriptor);
        for architecture in ["x86_64", "i386", "aarch64", "s390x"].map(|name| Architecture::find(name).expect("known")) {
            let file = SourceFile::new("random.yaml", text.as_str());
            let compiled = Compiler::for_architecture(architecture).reporter(reporter).compile(&file);
            // Redundant, without a trap, or too wide for the architecture.
            let Ok(compiled) = compiled else { continue };
            let (rules, report) = (compiled.rules(), compiled.report.as_ref().expect("it was asked for"));
            let mut locator = Locator::new(&compiled.sources);
            for call in &random::calls(rules) {
                let found = match answers(report.line_finder.program(), call) {
                    Verdict::Trap(line) => Some(report.lines[usize::from(line)].place.clone()),
                    _ => None,
                };
                prop_assert_eq!(found.is_some(), matches!(rules.decide(call), Verdict::Trap(_)), "{:x?}\n{}", call, text);
                let abi = rules.abi(call.arch, call.number);
                let rule = abi.and_then(|abi| abi.rules.iter().find(|rule| rule.matches(call)));
                if let (Some(found), Some(rule)) = (found, rule) {
                    let (_, span) = locator.locate(compiled.origins.source(rule.origin).place);
                    prop_assert_eq!(found, format!("random.yaml:{}", span.line), "{:x?}\n{}", call, text);
                }
            }
        }
    }

    /// The same input gives the same bytes, and the bytes give the program back.
    #[test]
    fn programs_are_deterministic_and_survive_their_bytes(text in random::policy()) {
        for architecture in ["x86_64", "aarch64", "s390x"].map(|name| Architecture::find(name).expect("known")) {
            let [Some(once), Some(again)] = [(), ()].map(|()| unless_redundant(&text, architecture)) else { continue };
            prop_assert_eq!(once.program(), again.program());
            let bytes = once.program().to_bytes();
            let back = Program::from_bytes(&bytes, architecture.endian());
            prop_assert_eq!(back.as_ref(), Some(once.program()));
        }
    }

    /// Arbitrary text is an error, not a panic.
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}|[\\[\\]{}:,\\-#&*!|>'\"%@ \n\ta-z0-9]{0,200}") {
        let x86_64 = Architecture::find("x86_64").expect("known");
        let outcome = Compiler::for_architecture(x86_64).compile(&SourceFile::new("random.yaml", text));
        prop_assert!(outcome.is_err());
    }

    /// So is a sound policy with a piece of it lost, doubled or replaced.
    #[test]
    fn damaged_policies_never_panic(text in random::policy(), at in any::<prop::sample::Index>(), with in "\\PC{0,6}") {
        let x86_64 = Architecture::find("x86_64").expect("known");
        let cut = at.index(text.len());
        let damaged = format!("{}{with}{}", &text[..cut], &text[(cut + with.len() / 2).min(text.len())..]);
        if let Ok(compiled) = Compiler::for_architecture(x86_64).compile(&SourceFile::new("random.yaml", damaged)) {
            prop_assert!(!compiled.program().instructions.is_empty());
        }
    }
}
