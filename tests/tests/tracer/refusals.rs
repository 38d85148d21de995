//! What a tracer refuses, as the filter would have.

use seccomp_compiler::{Architecture, Compiler, SourceFile, Verdict};
use seccomp_observe::tracer::{Answer, Observer, Start, Status, TracedCall, Tracer, Watch};

use crate::command_of_child;

/// Refuses what the policy refuses, and counts it.
struct Refuse(Watch, Vec<Verdict>, Answer);

impl Observer for Refuse {
    fn called(&mut self, call: &TracedCall<'_>) -> Answer {
        self.1.extend(self.0.verdict(call.data));
        self.2
    }
}

/// Traces a test of `children` under a policy that answers `getppid` so; what was refused.
fn under(answer: &str, child: &str, then: Answer) -> Vec<Verdict> {
    let policy = format!("{{default_action: allow, syscalls: [{{action: {answer}, names: [getppid]}}]}}");
    let architecture = Architecture::host().expect("there are filters here");
    let compiler = Compiler::for_architecture(architecture);
    let compiled = compiler.compile(&SourceFile::new("policy.yaml", policy)).expect("a sound policy");
    let watch = Watch::refusals(compiled.program()).expect("it is short");
    // Without the shell, which asks for its parent, too.
    let command = command_of_child(child).into_iter().skip(4).map(Into::into);
    let mut refuse = Refuse(watch.clone(), Vec::new(), then);
    let ending = Tracer::new(command, watch).start(Start::Main).run(&mut refuse).expect("it can be traced");
    assert_eq!(ending.status, Status::Exited(0), "{answer}");
    refuse.1
}

#[test]
fn an_error_is_what_the_call_fails_with() {
    let refused = under("errno(EACCES)", "getppid_fails_with_eacces", Answer::Refuse);
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|verdict| *verdict == Verdict::Errno(13)));
}

#[test]
fn a_trap_is_a_signal_with_its_data() {
    assert!(under("trap(7)", "getppid_is_trapped_with_seven", Answer::Refuse).contains(&Verdict::Trap(7)));
}

#[test]
fn a_kill_kills_and_is_seen() {
    assert!(under("kill_process", "getppid_kills", Answer::Refuse).contains(&Verdict::KillProcess));
}

#[test]
fn what_is_let_through_is_made() {
    let refused = under("kill_process", "threads_are_joined", Answer::Make);
    assert!(refused.iter().all(|verdict| *verdict == Verdict::KillProcess));
}
