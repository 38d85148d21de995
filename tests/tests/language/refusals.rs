//! What `refusals` changes: every refusal becomes one action, and promises keep their sense.

use seccomp_compiler::Refusals;

use super::*;

/// Every action, as a rule, as a default and for foreign calls.
const POLICY: &str = "
default_action: errno
newer_syscalls: errno(ENOSYS)
foreign_architecture: kill_process
flags: []
syscalls:
- {action: allow, names: [\"@rust-std\"]}
- {action: log, names: [getppid]}
- {action: trace(3), names: [getpgid]}
- {action: user_notif, names: [setpgid]}
- {action: errno(0), names: [sync]}
- {action: errno(ENOSYS), names: [io_uring_setup]}
- {action: trap(7), names: [ptrace]}
- {action: kill_thread, names: [personality]}
- {action: kill_process, names: [reboot]}
expect:
- {action: errno, names: [socket]}
- {action: trap(7), names: [ptrace]}
- {action: kill_process, names: [reboot]}
";

fn compile(
    policy: &str,
    on: &'static Architecture,
    refusals: Option<Refusals>,
) -> Result<Compiled, Diagnostics> {
    let compiler = Compiler::for_architecture(on);
    let compiler = refusals.map_or(compiler, |refusals| compiler.refusals(refusals));
    compiler.compile(&SourceFile::new("policy.yaml", policy))
}

fn replaced(verdict: Verdict, refusals: Refusals, on: &Architecture) -> Verdict {
    let kept = match verdict {
        Verdict::Errno(_) if verdict.is_no_such_call(on) => refusals != Refusals::Log,
        Verdict::Errno(_) | Verdict::KillProcess | Verdict::KillThread => false,
        Verdict::Trap(_) => refusals == Refusals::Trap,
        Verdict::UserNotif | Verdict::Trace(_) | Verdict::Log | Verdict::Allow => true,
    };
    match refusals {
        _ if kept => verdict,
        Refusals::Trap => Verdict::Trap(0),
        Refusals::Log => Verdict::Log,
        Refusals::KillProcess => Verdict::KillProcess,
    }
}

#[test]
fn every_refusal_becomes_the_same_on_every_architecture() {
    for on in Architecture::all() {
        let plain = compile(POLICY, on, None).expect("it compiles");
        for refusals in Refusals::ALL {
            let compiled = compile(POLICY, on, Some(refusals)).expect("its promises hold as before");
            assert_eq!(compiled.refusals, Some(refusals));
            let mut seen = Vec::new();
            let first = on.syscall_number("read").expect("every architecture has it") / 1000 * 1000;
            let numbers = first..first + 1700;
            let calls = numbers.map(|number| Call { arch: on.audit(), number, ..Call::default() });
            let foreign = Call { arch: 0x1234_5678, ..Call::default() };
            for call in calls.chain([foreign]) {
                let answer = |compiled: &Compiled| {
                    compiled.program().run(&call).map(Verdict::from_return_value).expect("it is proved")
                };
                let (before, after) = (answer(&plain), answer(&compiled));
                assert_eq!(after, replaced(before, refusals, on), "{on}: {call:?}");
                if !seen.contains(&before) {
                    seen.push(before);
                }
            }
            assert!(seen.len() >= 8, "{on}: {seen:?}");
        }
    }
}

/// A promise is about what the author wrote, so that a broken one is not mended by another action.
#[test]
fn a_broken_promise_stays_broken() {
    let broken = POLICY.replace("{action: errno, names: [socket]}", "{action: trap, names: [socket]}");
    for refusals in Refusals::ALL {
        let problems = compile(&broken, architecture("x86_64"), Some(refusals)).expect_err("it is broken");
        assert!(problems.iter().any(|problem| problem.code == Code::BrokenExpectation), "{problems}");
    }
}
