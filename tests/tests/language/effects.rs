//! Effects: as rules, as promises, and beside what else a policy says.

use seccomp_compiler::{Architecture, Code, Effect, Verdict};

use crate::{EPERM, codes, compiled, problems, verdict, verdict_on};

const ENOSYS: Verdict = Verdict::Errno(38);

fn refusing(effects: &str, action: &str) -> String {
    format!("{{default_action: allow, syscalls: [{{action: {action}, effects: [{effects}]}}]}}")
}

const THREAD: [u64; 6] = [0x3d_0f00, 0, 0, 0, 0, 0];
const USER_NAMESPACE: [u64; 6] = [0x1000_0011, 0, 0, 0, 0, 0];

#[test]
fn every_route_gets_the_action_and_what_a_filter_cannot_see_into_enosys() {
    let policy = compiled(&refusing("new-namespaces", "errno"), "x86_64");
    assert_eq!(verdict(&policy, "clone", USER_NAMESPACE), EPERM);
    assert_eq!(verdict(&policy, "clone", THREAD), Verdict::Allow);
    assert_eq!(verdict(&policy, "unshare", [0x1000_0000, 0, 0, 0, 0, 0]), EPERM);
    assert_eq!(verdict(&policy, "unshare", [0x200, 0, 0, 0, 0, 0]), Verdict::Allow);
    assert_eq!(verdict(&policy, "clone3", [0; 6]), ENOSYS);
}

#[test]
fn every_action_but_allow_can_be_that_of_an_effect() {
    let actions = [
        ("log", Verdict::Log),
        ("trace(7)", Verdict::Trace(7)),
        ("user_notif", Verdict::UserNotif),
        ("trap(9)", Verdict::Trap(9)),
        ("errno(EACCES)", Verdict::Errno(13)),
        ("kill_thread", Verdict::KillThread),
        ("kill_process", Verdict::KillProcess),
    ];
    for (action, wanted) in actions {
        let policy = compiled(&refusing("exec, new-processes", &format!("'{action}'")), "x86_64");
        assert_eq!(verdict(&policy, "execve", [0; 6]), wanted);
        assert_eq!(verdict(&policy, "fork", [0; 6]), wanted);
        assert_eq!(verdict(&policy, "clone3", [0; 6]), ENOSYS, "{action}");
    }
    assert_eq!(codes(&refusing("exec", "allow"), "x86_64"), [Code::AllowedEffect]);
}

#[test]
fn what_is_wrong_with_a_list_of_effects_is_said() {
    let unknown = problems(&refusing("exce", "errno"), "x86_64").to_string();
    assert!(
        unknown.contains("unknown effect `exce`") && unknown.contains("did you mean `exec`?"),
        "{unknown}"
    );
    assert_eq!(codes(&refusing("exec, exec", "errno"), "x86_64"), [Code::RepeatedItem]);
    assert_eq!(codes(&refusing("", "errno"), "x86_64"), [Code::EmptyList]);
    let beyond = refusing("exec", "errno").replace("default_action: allow", "default_action: refused");
    assert_eq!(codes(&beyond, "x86_64"), [Code::UnknownAction], "only expectations promise");
}

/// On s390x and s390 all arguments of mmap(2) and mmap2(2) are behind a pointer.
fn is_blind(effect: &str, architecture: &Architecture) -> bool {
    architecture.name().starts_with("s390") && ["executable-memory", "lock-memory"].contains(&effect)
}

/// A blocklist of effects has no holes, and keeps the promise of each of them.
#[test]
fn every_effect_is_refused_by_its_rule_on_every_architecture_without_a_warning() {
    for effect in Effect::all() {
        for compat in [false, true] {
            let text = format!(
                "{{default_action: allow, compat: {compat}, syscalls: [{{action: errno, effects: [{name}]}}],
                  expect: [{{action: refused, effects: [{name}]}}]}}",
                name = effect.name
            );
            for architecture in Architecture::all() {
                let wanted =
                    if is_blind(effect.name, architecture) { vec![Code::HiddenArgument] } else { vec![] };
                let mut found = codes(&text, architecture.name());
                found.dedup();
                assert_eq!(found, wanted, "{} on {architecture}", effect.name);
            }
        }
    }
}

#[test]
fn every_effect_at_once_is_proved_on_every_architecture() {
    for architecture in Architecture::all() {
        let names = Effect::all().map(|effect| effect.name);
        let all: Vec<&str> = names.filter(|name| !is_blind(name, architecture)).collect();
        let all = all.join(", ");
        let text = format!(
            "{{default_action: allow, compat: true, syscalls: [{{action: kill_process, effects: [{all}]}}],
              expect: [{{action: refused, effects: [{all}]}}]}}"
        );
        assert_eq!(codes(&text, architecture.name()), [], "{architecture}");
    }
}

#[test]
fn arguments_behind_a_pointer_make_a_route_a_hidden_one() {
    let policy = compiled(&refusing("executable-memory", "errno"), "i386");
    assert_eq!(verdict(&policy, "mmap", [0; 6]), ENOSYS, "its arguments are in memory");
    assert_eq!(verdict(&policy, "mmap2", [0, 0, 4, 0, 0, 0]), EPERM);
    assert_eq!(verdict(&policy, "mmap2", [0, 0, 3, 0, 0, 0]), Verdict::Allow);
    assert_eq!(verdict(&policy, "ipc", [21, 0, 0x8000, 0, 0, 0]), EPERM);
    assert_eq!(verdict(&policy, "ipc", [0x1_0015, 0, 0x8000, 0, 0, 0]), EPERM, "the high half is a version");
    assert_eq!(verdict(&policy, "ipc", [21, 0, 0, 0, 0, 0]), Verdict::Allow);
}

#[test]
fn in_an_allowlist_effects_stand_first_and_the_rest_of_the_same_calls_is_allowed_behind() {
    let text = "
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls:
- action: errno(EACCES)
  effects: [new-processes, write-files, terminal-injection, set-ids]
- action: allow
  names: ['@rust-std', '@rust-panic', '@file-system', clone, setuid]
expect:
- {action: refused, effects: [exec, new-processes, write-files, terminal-injection, network]}
";
    let policy = compiled(text, "x86_64");
    assert_eq!(verdict(&policy, "clone", THREAD), Verdict::Allow);
    assert_eq!(verdict(&policy, "clone", USER_NAMESPACE), Verdict::Errno(13));
    assert_eq!(verdict(&policy, "openat", [0; 6]), Verdict::Allow);
    assert_eq!(verdict(&policy, "openat", [0, 0, 1, 0, 0, 0]), Verdict::Errno(13));
    assert_eq!(verdict(&policy, "ioctl", [0, 0x5412, 0, 0, 0, 0]), Verdict::Errno(13));
    assert_eq!(verdict(&policy, "ioctl", [0, 0x5413, 0, 0, 0, 0]), Verdict::Allow);
    // A build does not break when an effect grows, but it is said that a rule has no use.
    assert_eq!(codes(text, "x86_64"), [Code::DecidedByEffect], "{}", problems(text, "x86_64"));
}

#[test]
fn names_and_effects_of_one_group_go_together_and_a_name_is_the_author_s_word() {
    let text = "
default_action: allow
syscalls:
- action: errno
  names: [clone3]
  names_with_args: [{name: prctl, arguments: [{argument: option, operation: Equal, value: PR_SET_NAME}]}]
  effects: [new-namespaces, capabilities]
";
    let policy = compiled(text, "x86_64");
    assert_eq!(verdict(&policy, "clone3", [0; 6]), EPERM);
    assert_eq!(verdict(&policy, "prctl", [15, 0, 0, 0, 0, 0]), EPERM);
    assert_eq!(verdict(&policy, "prctl", [47, 0, 0, 0, 0, 0]), EPERM);
    assert_eq!(verdict(&policy, "prctl", [16, 0, 0, 0, 0, 0]), Verdict::Allow);
    assert_eq!(verdict(&policy, "unshare", [0x1000_0000, 0, 0, 0, 0, 0]), EPERM);
}

#[test]
fn the_uses_of_effects_are_listed_for_every_covered_abi() {
    let text = refusing("raw-sockets", "errno").replace("allow,", "allow, compat: true,");
    let uses = compiled(&text, "x86_64").effects();
    let abis: Vec<&str> = uses.iter().map(|of| of.architecture.name()).collect();
    assert_eq!(abis, ["x86_64", "i386", "x32"]);
    let answer = |abi: usize, call| {
        uses[abi].routes.iter().find(|(route, _)| route.call == call).map(|(_, answer)| *answer)
    };
    assert_eq!(answer(0, "socket"), Some(EPERM));
    assert_eq!(answer(0, "socketcall"), None);
    assert_eq!(answer(1, "socketcall"), Some(ENOSYS));
    assert_eq!(answer(2, "io_uring_setup"), Some(ENOSYS));
}

fn promising(policy: &str, promise: &str) -> String {
    format!("{policy}\nexpect: [{promise}]\n")
}

#[test]
fn refused_is_any_refusal_and_allowed_is_its_counterpart() {
    for (action, promise, is_kept) in [
        ("errno(ENOSYS)", "refused", true),
        ("trap(3)", "refused", true),
        ("kill_thread", "refused", true),
        ("log", "refused", false),
        ("trace", "refused", false),
        ("user_notif", "refused", false),
        ("log", "Allowed", true),
        ("allow", "allowed", true),
        ("user_notif", "allowed", false),
        ("errno(0)", "allowed", false),
    ] {
        let policy = format!("default_action: allow\nsyscalls: [{{action: '{action}', names: [acct]}}]");
        let found = codes(&promising(&policy, &format!("{{action: {promise}, names: [acct]}}")), "x86_64");
        assert_eq!(!found.contains(&Code::BrokenExpectation), is_kept, "{promise} by {action}");
    }
}

#[test]
fn a_promise_of_effects_is_broken_by_the_call_that_has_it_and_the_line_that_lets_it() {
    let text = promising(
        "default_action: errno
syscalls:
- action: allow
  names: [socket]",
        "{action: refused, effects: [raw-sockets]}",
    );
    let found = problems(&text, "x86_64").to_string();
    assert!(found.contains("it answers socket("), "{found}");
    assert!(found.contains("must be refused") && found.contains("decides `socket`"), "{found}");
    assert!(found.contains("4 |   names: [socket]"), "{found}");
    let by_default = promising(
        "default_action: allow\nsyscalls: [{action: errno, names: [execve]}]",
        "{action: refused, effects: [exec]}",
    );
    let found = problems(&by_default, "x86_64").to_string();
    assert!(found.contains("it answers execveat("), "{found}");
    assert!(found.contains("1 | default_action: allow"), "{found}");
}

#[test]
fn a_promise_covers_the_abis_that_the_filter_does_not() {
    let policy = "default_action: allow
foreign_architecture: log
syscalls: [{action: errno, effects: [exec]}]";
    let text = promising(policy, "{action: refused, effects: [exec]}");
    let found = problems(&text, "x86_64").to_string();
    assert!(found.contains("on i386 with log") && found.contains("2 | foreign_architecture: log"), "{found}");
    assert_eq!(codes(&text.replace("foreign_architecture: log", "compat: true"), "x86_64"), []);
    assert_eq!(codes(&text.replace(": log", ": errno(ENOSYS)"), "x86_64"), []);
    assert_eq!(codes(&text, "riscv64"), [], "its kernel has no other ABI that a filter could tell");
    let names = text.replace("effects: [exec]}]\n", "names: [execve, execveat]}]\n");
    assert!(codes(&names, "x86_64").contains(&Code::BrokenExpectation), "names too");
}

/// Every route on every ABI: one that is let through breaks the promise.
#[test]
fn a_promise_is_broken_by_any_route_that_is_open() {
    for effect in Effect::all() {
        let policy = "default_action: allow\nsyscalls: [{action: errno, names: [getppid, getpid]}]";
        let text = promising(policy, &format!("{{action: refused, effects: [{}]}}", effect.name));
        for on in ["x86_64", "arm", "s390x", "mips"] {
            if is_blind(effect.name, Architecture::find(on).expect("it is in the table")) {
                continue;
            }
            let uses = compiled(&refusing(effect.name, "errno"), on).effects();
            let mut calls: Vec<&str> =
                uses.iter().flat_map(|of| &of.routes).map(|(route, _)| route.call).collect();
            calls.sort();
            calls.dedup();
            let broken: Vec<String> = problems(&text, on)
                .iter()
                .filter(|problem| problem.code == Code::BrokenExpectation)
                .map(|problem| problem.message.clone())
                .collect();
            let [message] = &broken[..] else { panic!("{} on {on}: {broken:?}", effect.name) };
            let first = calls.iter().any(|call| message.contains(&format!("it answers {call}(")));
            let others = match calls.len() - 1 {
                0 => " with allow".to_owned(),
                1 => "; another call breaks it too".to_owned(),
                more => format!("; {more} other calls break it too"),
            };
            assert!(first && message.ends_with(&others), "{calls:?} on {on}: {message}");
        }
    }
}

#[test]
fn an_action_in_an_expectation_is_what_a_group_of_the_effect_gives() {
    let text = promising(
        "default_action: allow\nsyscalls: [{action: log, effects: [exec, new-processes]}]",
        "{action: log, effects: [exec, new-processes]}",
    );
    assert_eq!(codes(&text, "x86_64"), []);
    let without = text.replace(
        "[{action: log, effects: [exec, new-processes]}]\nexpect",
        "[{action: log, names: [execve, execveat, fork, vfork, clone, clone3]}]\nexpect",
    );
    assert_eq!(codes(&without, "x86_64"), [Code::BrokenExpectation], "clone3 is logged, and runs unseen");
}

#[test]
fn the_word_of_the_native_abi_holds_on_compat_abis_too() {
    let text = refusing("network", "errno").replace("allow,", "allow, compat: true,");
    let policy = compiled(&text, "x86_64");
    assert_eq!(verdict_on(&policy, "i386", "socketcall", [1, 0, 0, 0, 0, 0]), ENOSYS);
    assert_eq!(verdict_on(&policy, "i386", "socketcall", [3, 0, 0, 0, 0, 0]), Verdict::Allow);
    assert_eq!(verdict_on(&policy, "i386", "socket", [2, 1, 0, 0, 0, 0]), EPERM);
    assert_eq!(verdict_on(&policy, "i386", "socket", [1, 1, 0, 0, 0, 0]), Verdict::Allow);
}
